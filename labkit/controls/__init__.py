"""Named, valid samples of what the ledger holds, so that no test and no prototype invents data.

`cast` says who they are about, `events` and `commands` hold one sample of each kind, `histories` put
events together into ready pasts. All of them are always the same.
"""
