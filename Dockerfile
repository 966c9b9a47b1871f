# Node's newest security release of the line that package.json names.
ARG NODE_VERSION=26.13.1

FROM node:${NODE_VERSION}-trixie-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build
# What runs needs neither compilers nor the Node that npm brings: the image has its own.
RUN npm ci --ignore-scripts --omit=dev --omit=optional
# Node links against libatomic since 25; the image below is without it.
RUN mkdir -p /runtime/lib /runtime/data \
  && cp -L "/usr/lib/$(uname -m)-linux-gnu/libatomic.so.1" /runtime/lib/

# No shell, no package manager: only C libraries, certificates and a user without rights.
FROM gcr.io/distroless/cc-debian13:nonroot
COPY --from=build /runtime/lib/ /usr/lib/
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build --chown=65532:65532 /runtime/data/ /var/lib/vectorgate/
COPY --from=build /build/node_modules/ /app/node_modules/
COPY --from=build /build/dist/ /app/dist/
COPY package.json LICENSE /app/
COPY bin/ /app/bin/

# The configuration is mounted here; audit records go to a volume at /var/lib/vectorgate. Nothing
# else is written, so that the root can be read-only.
WORKDIR /etc/vectorgate
USER 65532:65532
EXPOSE 6333 6334 9634
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
  CMD ["/usr/local/bin/node", "/app/bin/vectorgate.js", "health"]
ENTRYPOINT ["/usr/local/bin/node", "/app/bin/vectorgate.js"]
CMD ["serve"]
