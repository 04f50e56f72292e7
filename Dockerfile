# An image with the program only: a static binary and the certificate authorities that it trusts,
# for linux/amd64 and linux/arm64. Every stage except the last runs on the build machine's own
# platform; see docs/image.md.
ARG TARGETARCH

FROM --platform=$BUILDPLATFORM rust:1.95-slim-trixie AS toolchain
WORKDIR /src
# hadolint ignore=DL3008,DL3009
RUN dpkg --add-architecture amd64 \
    && dpkg --add-architecture arm64 \
    && apt-get update \
    && apt-get install --yes --no-install-recommends cargo-auditable
# A debug build: it runs for a second only, so a quick build matters more than a fast program.
RUN cargo install --locked --debug cargo-chef@0.1.78

FROM toolchain AS recipe
COPY . .
RUN cargo chef prepare --recipe-path /recipe.json

# A C compiler for the target processor, native or cross, and the C library for static linking.
FROM toolchain AS amd64
ENV CARGO_BUILD_TARGET=x86_64-unknown-linux-gnu CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER=x86_64-linux-gnu-gcc
# hadolint ignore=DL3008,DL3009
RUN apt-get update && apt-get install --yes --no-install-recommends gcc-x86-64-linux-gnu libc6-dev:amd64

FROM toolchain AS arm64
ENV CARGO_BUILD_TARGET=aarch64-unknown-linux-gnu CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
# hadolint ignore=DL3008,DL3009
RUN apt-get update && apt-get install --yes --no-install-recommends gcc-aarch64-linux-gnu libc6-dev:arm64

# The dependencies are a layer of their own, which stays valid until Cargo.lock changes.
FROM $TARGETARCH AS build
WORKDIR /src
ENV RUSTFLAGS="-C target-feature=+crt-static"
RUN rustup target add "$CARGO_BUILD_TARGET"
COPY --from=recipe /recipe.json /
RUN cargo chef cook --release --locked --recipe-path /recipe.json
COPY . .
ARG CONDUIT_REVISION=unknown
RUN cargo auditable build --release --locked \
    && install -D "target/$CARGO_BUILD_TARGET/release/conduit" /image/conduit \
    && install -D --mode=644 /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ca-certificates.crt \
    && install --directory --owner=65532 --group=65532 /image/data

FROM scratch
COPY --from=build /image /
ARG CONDUIT_REVISION=unknown
LABEL org.opencontainers.image.title="Conduit" \
      org.opencontainers.image.description="The RealWorld backend as a small service done right" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.revision="$CONDUIT_REVISION"
ENV CONDUIT_PROFILE=prod HOST=0.0.0.0
USER 65532:65532
WORKDIR /data
EXPOSE 8080 9464
HEALTHCHECK --interval=10s --timeout=4s --start-period=30s --retries=3 CMD ["/conduit", "healthcheck"]
ENTRYPOINT ["/conduit"]
