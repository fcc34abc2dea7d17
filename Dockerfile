# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# One image with all programs. Without Docker, `make image` packs the same programs. The image of the demo's simulator is another target:
# docker build --target simulator .
FROM golang:1.26-bookworm AS source
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .

FROM source AS build-simulator
RUN TRIMPATH=1 hack/build.sh simulator

FROM scratch AS simulator
COPY --from=build-simulator /src/bin/ /
USER 65532:65532
ENTRYPOINT ["/simulator"]

FROM source AS build
RUN TRIMPATH=1 hack/build.sh operator ingest store analysis

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /src/bin/ /
USER 65532:65532
ENTRYPOINT ["/operator"]
