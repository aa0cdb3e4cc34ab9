"""Whether a history of puts, gets, deletes and listings could have happened one after the other.

An operation is (called, returned, kind, key, value): kind is "put", "delete", "get" or "list"; a get's
value is what was read, None for nothing; a listing's is a dict of all keys. An operation whose answer
never came has returned = INFINITY: it may have taken effect at any time since, or never.

The search is Wing and Gong's, with the states that were tried remembered: of the operations that
nobody had to wait for, one after the other is put next and the rest tried, and taken back when it
leads nowhere.
"""
import collections

INFINITY = float("inf")

Operation = collections.namedtuple("Operation", "called returned kind key value")


def without_unseen(history):
    """A put without an answer whose value nobody saw may as well not have been."""
    seen = set()
    for op in history:
        if op.kind == "get":
            seen.add(op.value)
        elif op.kind == "list":
            seen.update(op.value.values())
    return [op for op in history
            if op.returned != INFINITY or (op.kind == "put" and op.value in seen) or op.kind == "delete"]


def step(state, op):
    """The state behind `op`, or None when it cannot have come there."""
    if op.kind == "put":
        return state | {op.key: op.value}
    if op.kind == "delete":
        return {key: value for key, value in state.items() if key != op.key}
    if op.kind == "get":
        return state if state.get(op.key) == op.value else None
    return state if state == op.value else None


def explain(history, initial=None):
    """None when the history is linearizable, else the operations around the place where it is not."""
    ops = sorted(without_unseen(history))
    must = sum(op.returned != INFINITY for op in ops)
    tried = set()
    done, state = 0, dict(initial or {})  # done: a bit per operation
    first = 0                             # all before are done
    stack, deepest = [], (0, [])
    options = iter(candidates(ops, done, first))
    while True:
        for index in options:
            after = step(state, ops[index])
            if after is None:
                continue
            mask = done | (1 << index)
            memory = (mask, tuple(sorted(after.items())))
            if memory in tried:
                continue
            tried.add(memory)
            stack.append((done, state, first, options))
            done, state = mask, after
            while done >> first & 1:
                first += 1
            break
        else:
            if not stack:
                return deepest[1]
            done, state, first, options = stack.pop()
            continue
        count = sum(1 for i in range(len(ops)) if done >> i & 1 and ops[i].returned != INFINITY)
        if count == must:
            return None
        options = iter(candidates(ops, done, first))
        if count > deepest[0]:
            waiting = list(candidates(ops, done, first))
            deepest = (count, [("state", state)] + [ops[i] for i in waiting])


def candidates(ops, done, first):
    """What may come next: nothing that is left had returned before it was called."""
    soonest = INFINITY
    found = []
    for index in range(first, len(ops)):
        op = ops[index]
        if op.called > soonest:
            break
        if not done >> index & 1:
            found.append(index)
            soonest = min(soonest, op.returned)
    # What had to be over first comes first; what never answered, last.
    return sorted((i for i in found if ops[i].called <= soonest), key=lambda i: ops[i].returned)
