"""A real S3 API on loopback, in a process of its own: moto's server, with one bucket."""

import subprocess
import sys
import time
from contextlib import contextmanager
from io import BytesIO

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from tests.portal.conftest import free_port

BUCKET = "portal-files"
KEYS = {"AWS_ACCESS_KEY_ID": "test-key", "AWS_SECRET_ACCESS_KEY": "test-secret"}
PATIENCE = 60  # seconds, on a busy machine


@contextmanager
def serving():
    """The address of the server, whose bucket is empty."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        _make_bucket(address, process)
        yield address
    finally:
        process.kill()
        process.wait()


def client(address):
    known = {"aws_access_key_id": KEYS["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": KEYS["AWS_SECRET_ACCESS_KEY"]}
    config = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}, connect_timeout=5)
    return boto3.client("s3", endpoint_url=address, region_name="us-east-1", config=config, **known)


def _make_bucket(address, process):
    deadline = time.monotonic() + PATIENCE
    while True:
        assert process.poll() is None, "moto's server ended"
        try:
            client(address).create_bucket(Bucket=BUCKET)
            return
        except BotoCoreError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def environment(address):
    """The settings of a portal whose files are there."""
    return {"S3_BUCKET": BUCKET, "S3_ENDPOINT_URL": address, **KEYS}


def storages(address, known):
    """STORAGES of a test whose files are there; `known` are the settings of the house."""
    here = {
        "bucket_name": BUCKET,
        "endpoint_url": address,
        "access_key": KEYS["AWS_ACCESS_KEY_ID"],
        "secret_key": KEYS["AWS_SECRET_ACCESS_KEY"],
        "addressing_style": "path",
    }
    default = {"BACKEND": "accounts.bucket.Bucket", "OPTIONS": {**known.S3, **here}}
    return {**known.STORAGES, "default": default}


def empty(address):
    """What was in the bucket."""
    pages = client(address).get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    names = [entry["Key"] for page in pages for entry in page.get("Contents", ())]
    for name in names:
        client(address).delete_object(Bucket=BUCKET, Key=name)
    return names


def put(address, name, content=b"x"):
    client(address).upload_fileobj(BytesIO(content), BUCKET, name)
