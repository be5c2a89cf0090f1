FROM golang:1.26.8-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -ldflags="-s -w" -o /sleutelbos ./cmd/sleutelbos

# Nothing but the binary, whom to trust, the time zones and the portals.
FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /usr/local/go/lib/time/zoneinfo.zip /zoneinfo.zip
COPY --from=build /sleutelbos /sleutelbos
COPY portals /portals
ENV ZONEINFO=/zoneinfo.zip \
    SLEUTELBOS_LISTEN=:8080 \
    SLEUTELBOS_INTERNAL_LISTEN=:9090 \
    SLEUTELBOS_PORTALS=/portals
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/sleutelbos"]
CMD ["serve"]
