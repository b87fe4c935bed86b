# One image for pages, websockets and jobs; compose.yaml says which command runs where.

FROM python:3.13-slim AS build
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /app
RUN pip install --no-cache-dir "uv>=0.13,<0.14"
# The dependencies alone first: this layer stays as long as uv.lock does.
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-cache --no-default-groups
COPY . .
RUN find . -path ./.venv -prune -o -type d -name locale -exec .venv/bin/pybabel --quiet compile --domain django --directory {} ';'
RUN STATIC_ROOT=/app/staticfiles .venv/bin/python manage.py collectstatic --no-input --verbosity 0

FROM python:3.13-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin portal && install -d -o portal -g portal /data
WORKDIR /app
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PORTAL_ENV=production \
    PORTAL_HOME=/data \
    STATIC_ROOT=/app/staticfiles \
    PORT=8000
USER portal
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=12s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/ready/', timeout=11)"]
CMD ["gunicorn", "--config", "deploy/gunicorn.py", "portal.wsgi"]
