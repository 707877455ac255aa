"""What happened in a tenant that its subscribers may want to hear of: the source of every push notification.

Names and sub types are those of Basware's push notification specification (taskType, taskSubType).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Notice:
    """One document or request of a tenant reached a state. `tenant` is its client id, `document_id` what the task is about."""

    tenant: str
    task_type: str
    task_sub_type: str
    document_id: str
