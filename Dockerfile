# `ocr`, and a node of a Ray cluster, in one image; how both are run is told in docs/scale.md.
#
#     docker build --tag ocr .
#     docker build --tag ocr --build-arg PACKAGES="s3fs gcsfs" .    # with what reaches buckets

# All nodes of a cluster want the same version of Python as what drives them.
ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
WORKDIR /source
COPY . .
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:${PYTHON}-slim
ARG EXTRAS=batch,heic,pdf,ray
ARG PACKAGES=""
# Kubernetes asks nodes of Ray whether they live by wget.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends wget \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 ocr
COPY --from=build /wheels /wheels
# Versions are bounded in pyproject.toml.
# hadolint ignore=DL3013,SC2086
RUN pip install --no-cache-dir "$(echo /wheels/*.whl)[${EXTRAS}]" ${PACKAGES}
USER 1000
WORKDIR /work
ENTRYPOINT ["ocr"]
CMD ["--help"]
