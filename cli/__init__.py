"""What stands behind the commands of `runway`: the composition roots and the operators' tools."""
