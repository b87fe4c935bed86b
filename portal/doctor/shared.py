"""What all processes share: the cache behind rate limits, and the layer that live messages travel on."""

import asyncio

import redis
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings
from django.core.cache import cache
from django.utils.crypto import get_random_string

from portal.doctor.finding import Finding, ok, problem

KEY = "doctor"
PATIENCE = 5  # seconds
# One process keeps messages to itself in the in-memory layer, so it would not do.
WHERE = "Redis" if settings.REDIS_URL else "PostgreSQL"
ADVICE = "Is REDIS_URL right, and does that server run?" if settings.REDIS_URL else "Run: manage.py migrate"


def shared_cache() -> Finding:
    text = get_random_string(20)
    try:
        cache.set(KEY, text, timeout=60)
        same = cache.get(KEY) == text
        cache.delete(KEY)
    except redis.RedisError:
        same = False
    return ok(f"The cache remembers ({WHERE}).") if same else problem(f"The cache ({WHERE}) does not remember.", ADVICE)


def live_layer() -> Finding:
    try:
        heard = async_to_sync(_heard)(get_random_string(20))
    except (TimeoutError, redis.RedisError, OSError):
        heard = False
    if not heard:
        return problem(f"A live message ({WHERE}) did not come back.", ADVICE)
    return ok(f"Live messages come through ({WHERE}).")


async def _heard(text: str) -> bool:
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add(KEY, channel)
    try:
        await layer.group_send(KEY, {"type": "doctor", "text": text})
        async with asyncio.timeout(PATIENCE):
            while (await layer.receive(channel)).get("text") != text:
                pass  # another doctor's
        return True
    finally:
        await layer.group_discard(KEY, channel)
