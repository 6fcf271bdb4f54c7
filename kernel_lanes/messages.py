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


def unreadable(array: Array, bits: int, address: int, bad: int, lanes: int) -> tuple[str, str]:
    """Kind and message of a read that the shadow forbids, the first one at an address."""
    count = f"{bad} of {lanes} lanes" if lanes > 1 else "one element"
    if bits & UNREADABLE:
        at = f"{count}, first at {index_of(array, address)}"
        return "unreadable", f"reads what is not there to be read of '{array.name}': {at}"
    return "uninitialised", f"reads '{array.name}' where nothing has been written yet: {count}"


def index_of(array: Array, address: int) -> list[int]:
    """Along each axis of an array, where an address lies in it."""
    element, found = (address - array.low) // array.tensor.element_size(), {}
    strides = array.tensor.stride()
    for axis in sorted(range(len(strides)), key=lambda one: -strides[one]):
        size = array.tensor.shape[axis]
        found[axis] = min(element // strides[axis], size - 1) if strides[axis] and size else 0
        element -= found[axis] * strides[axis]
    return [found[axis] for axis in range(len(strides))]


def broken_assertion(message: str) -> str:
    """The message of a `tl.device_assert` that does not hold."""
    return f"a tl.device_assert does not hold: {message}"
