"""What faults are called: both engines say the same."""

from __future__ import annotations

from kernel_lanes.arrays import UNREADABLE, Array


def outside(does: str, address: int, bad: int, lanes: int, arrays: list[Array]) -> str:
    """The message about an access to nobody's memory, told by the nearest array."""
    count = f"{bad} of {lanes} lanes" if lanes > 1 else "one element"
    if not arrays:
        return f"{does} out of bounds: {count}; the launch was given no array"
    near = min(arrays, key=lambda one: max(one.low - address, address - one.high + 1, 0))
    element = (address - near.low) // near.tensor.element_size()
    extent = (near.high - near.low) // near.tensor.element_size()
    return (
        f"{does} out of bounds: {count}, first at element {element:,} of '{near.name}' ({extent:,})"
    )


def unreadable(name: str, bits: int, bad: int, lanes: int) -> tuple[str, str]:
    """Kind and message of a read that the shadow forbids."""
    count = f"{bad} of {lanes} lanes" if lanes > 1 else "one element"
    if bits & UNREADABLE:
        return "unreadable", f"reads what is not there to be read of '{name}': {count}"
    return "uninitialised", f"reads '{name}' where nothing has been written yet: {count}"


def broken_assertion(message: str) -> str:
    """The message of a `tl.device_assert` that does not hold."""
    return f"a tl.device_assert does not hold: {message}"
