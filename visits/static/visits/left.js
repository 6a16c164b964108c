// The page after signing out, wherever that was (the admin's button does not ask this program).

import { forgetAccount } from "./outbox.js";

forgetAccount().catch(() => {}); // a browser that stores nothing has nothing to forget
