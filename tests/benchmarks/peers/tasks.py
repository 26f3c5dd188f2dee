"""The work of the comparison, as a Celery task. Acknowledged after the run and published with confirms, as Broker's jobs are."""

import os

from celery import Celery

app = Celery("tasks", broker=os.environ["PEER_BROKER_URL"], backend="rpc://")
app.conf.update(
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    broker_transport_options={"confirm_publish": True},
    task_serializer="json",
    result_serializer="json",
    accept_content=["json"],
    worker_hijack_root_logger=False,
    # A queue of its own: the broker may be one that others use.
    task_default_queue="benchmark-celery",
)


@app.task
def double(number):
    return 2 * number
