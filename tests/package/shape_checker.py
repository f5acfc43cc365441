"""The type checker behind the checked annotations: beartype, where an int will do for a float."""

import beartype

check = beartype.beartype(conf=beartype.BeartypeConf(is_pep484_tower=True))
