"""One per purpose: gathers data and owns state for one business."""
