"""取变更流，在本机 SQLite 里保持一份副本。只用 Python 3.11 的标准库。

    python pull_changes.py https://主机 密钥文件 副本.sqlite           取到末尾为止；可由定时任务每 15 分钟运行一次
    python pull_changes.py https://主机 密钥文件 副本.sqlite --check   取完再核对，每夜一次；不一致时以 1 退出

密钥文件里写“标识.密钥”一行。副本的表 records 一行一条记录：类别 type、编号 id、最近一次变动 sequence、内容 data
（JSON，已删除的为空）。每页的内容和游标在同一个事务里保存，所以任何时候中断都可以直接再运行：不漏、不重。
"""

import argparse
import hashlib
import json
import sqlite3
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    type TEXT NOT NULL, id INTEGER NOT NULL, sequence INTEGER NOT NULL, data TEXT, PRIMARY KEY (type, id)
);
CREATE TABLE IF NOT EXISTS position (one INTEGER PRIMARY KEY CHECK (one = 1), cursor TEXT NOT NULL);
"""
# 事务的先后不是变动的先后：只采用 sequence 更大的。所以删除的记录也留着它的 sequence。
APPLY = """
INSERT INTO records (type, id, sequence, data) VALUES (?, ?, ?, ?)
ON CONFLICT (type, id) DO UPDATE SET sequence = excluded.sequence, data = excluded.data
WHERE excluded.sequence > records.sequence
"""
ALIVE = "SELECT id, sequence FROM records WHERE type = ? AND data IS NOT NULL ORDER BY id"
PAGE = 1000
PATIENCE, LONGEST = 10, 300  # 被限流时最多等几次，一次最多几秒


class StartAnew(Exception):
    """410：数据库恢复过，门户换了签名密钥，或账号可见的范围变了。"""


class Portal:
    """门户的变更流。"""

    def __init__(self, address: str, key: str) -> None:
        self.address = address.rstrip("/") + "/api/v1/changes/"
        self.headers = {"Authorization": f"Api-Key {key}", "Accept": "application/json"}

    def get(self, path: str, **query: object) -> dict:
        """返回 JSON；429 时按 Retry-After 等一等再问。"""
        address = f"{self.address}{path}?{urllib.parse.urlencode({k: v for k, v in query.items() if v})}"
        request = urllib.request.Request(address, headers=self.headers)
        for _ in range(PATIENCE):
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code == HTTPStatus.GONE:
                    raise StartAnew from error
                if error.code != HTTPStatus.TOO_MANY_REQUESTS:
                    sys.exit(f"{address}：{error.code} {error.read().decode()}")
                if (seconds := int(error.headers.get("Retry-After", 60))) > LONGEST:
                    sys.exit(f"当天的次数用完了，没有取完，请过 {seconds} 秒再接着取。")
                time.sleep(seconds)
            except (OSError, HTTPException) as error:  # 连不上，或者中途断了
                sys.exit(f"连不上门户，没有取完，下次接着取：{getattr(error, 'reason', error)}")
        sys.exit("一再被限流，下次再取。")


def open_store(path: Path) -> closing[sqlite3.Connection]:
    """打开副本，没有就建一份空的。"""
    store = sqlite3.connect(path)
    store.executescript(SCHEMA)
    return closing(store)


def position(store: sqlite3.Connection) -> str:
    """返回上次读到的游标，没有则为空。"""
    row = store.execute("SELECT cursor FROM position").fetchone()
    return row[0] if row else ""


def pull(portal: Portal, path: Path) -> int:
    """从上次的地方取到末尾；返回收到多少个事件。"""
    received, more = 0, True
    with open_store(path) as store:
        while more:
            page = portal.get("", cursor=position(store), limit=PAGE)
            with store:  # 一个事务
                for event in page["events"]:
                    data = None if event["data"] is None else json.dumps(event["data"], ensure_ascii=False)
                    store.execute(APPLY, (event["type"], event["id"], event["sequence"], data))
                store.execute("INSERT OR REPLACE INTO position VALUES (1, ?)", (page["cursor"],))
            received, more = received + len(page["events"]), page["more"]
    return received


def reload(portal: Portal, path: Path) -> int:
    """从头取一份新的副本，取完了才换下旧的；返回收到多少个事件。"""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    received = pull(portal, fresh)
    fresh.replace(path)
    return received


def differences(portal: Portal, path: Path) -> list[str]:
    """返回与门户不一致的类别。"""
    wrong = []
    with open_store(path) as store:
        for name, expected in portal.get("checksum/", cursor=position(store))["checksums"].items():
            rows = store.execute(ALIVE, (name,)).fetchall()
            digest = hashlib.sha256("".join(f"{key}:{sequence}\n" for key, sequence in rows).encode()).hexdigest()
            if expected != {"count": len(rows), "sha256": digest}:
                wrong.append(f"{name}：门户 {expected['count']} 行，副本 {len(rows)} 行")
    return wrong


def main() -> None:
    """取，并按需要核对。"""
    arguments = argparse.ArgumentParser(description="取变更流，在 SQLite 里保持一份副本。")
    arguments.add_argument("address", help="门户的地址，如 https://主机")
    arguments.add_argument("key", type=Path, help="密钥文件")
    arguments.add_argument("store", type=Path, help="副本，SQLite 文件")
    arguments.add_argument("--check", action="store_true", help="取完再核对")
    given = arguments.parse_args()
    portal = Portal(given.address, given.key.read_text().strip())
    try:
        print(f"收到 {pull(portal, given.store)} 个事件")
    except StartAnew:
        print(f"游标已失效，从头读取：收到 {reload(portal, given.store)} 个事件")
    if given.check:
        wrong = differences(portal, given.store)
        print("\n".join([*wrong, "请删除副本，重新运行。"]) if wrong else "核对一致")
        sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
