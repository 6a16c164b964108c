"""National code lists of the member form: the codes are what is stored."""

from django.db.models import TextChoices


class Sex(TextChoices):
    """GB/T 2261.1-2003; a member's file knows only these two."""

    MALE = "1", "男"
    FEMALE = "2", "女"


_ETHNIC = (
    "汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 东乡 "
    "纳西 景颇 柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 "
    "德昂 保安 裕固 京 塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺"
)
ETHNIC_GROUPS = [(f"{number:02}", f"{name}族") for number, name in enumerate(_ETHNIC.split(), 1)]
ETHNIC_GROUPS += [("97", "其他"), ("98", "外国血统")]
"""GB/T 3304-1991: two-digit code and full name; 01 is 汉族."""
HAN = ETHNIC_GROUPS[0][0]


class Education(TextChoices):
    """Education as the national member form lists it, in its order. Party-school education is a class of its own."""

    DOCTOR = "01", "博士研究生"
    MASTER = "02", "硕士研究生"
    MASTER_CLASS = "03", "硕士生班"
    CENTRAL_PARTY_SCHOOL_GRADUATE = "04", "中央党校研究生"
    PROVINCIAL_PARTY_SCHOOL_GRADUATE = "05", "省（区、市）委党校研究生"
    BACHELOR = "06", "大学"
    JUNIOR_COLLEGE = "07", "大专"
    ORDINARY_CLASS = "08", "大学普通班"
    SECOND_BACHELOR = "09", "第二学士学位班"
    CENTRAL_PARTY_SCHOOL_BACHELOR = "10", "中央党校大学"
    PROVINCIAL_PARTY_SCHOOL_BACHELOR = "11", "省委党校大学"
    CENTRAL_PARTY_SCHOOL_COLLEGE = "12", "中央党校大专"
    PROVINCIAL_PARTY_SCHOOL_COLLEGE = "13", "省委党校大专"
    SECONDARY_VOCATIONAL = "14", "中等专科"
    VOCATIONAL_HIGH = "15", "职业高中"
    TECHNICAL = "16", "技工学校"
    HIGH_SCHOOL = "17", "普通高中"
    JUNIOR_HIGH = "18", "初中"
    PRIMARY = "19", "小学"
    OTHER = "20", "其他"
    GRADUATE = "21", "研究生"


EDUCATION_ALIASES = {
    "本科": Education.BACHELOR,
    "大学本科": Education.BACHELOR,
    "专科": Education.JUNIOR_COLLEGE,
    "大学专科": Education.JUNIOR_COLLEGE,
    "中专": Education.SECONDARY_VOCATIONAL,
    "职高": Education.VOCATIONAL_HIGH,
    "技校": Education.TECHNICAL,
    "高中": Education.HIGH_SCHOOL,
}
"""How ledgers write them. 研究生 without more stays that: whether doctor or master is not known."""
