# Roster Sync for Tallyfy as one container that works alone: the program and a redis-server that it starts itself where
# REDIS_URL is not set. It listens on all addresses of the container, so it refuses to start without DASHBOARD_PASSWORD
# or DASHBOARD_PASSWORD_FILE. Everything worth keeping is in /data.

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts ./scripts
COPY src ./src
RUN node scripts/build.mjs \
    && npm prune --omit=dev --no-audit --no-fund

FROM node:24-slim
LABEL org.opencontainers.image.title="Roster Sync for Tallyfy" \
      org.opencontainers.image.description="Creates the people of a company's HR roster as Tallyfy users, once each." \
      org.opencontainers.image.licenses="MIT"
RUN apt-get update \
    && apt-get install -y --no-install-recommends redis-server \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json LICENSE ./
COPY config ./config
COPY fixtures ./fixtures
COPY scripts/roster-sync.mjs scripts/healthcheck.mjs ./scripts/
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
RUN ln -s /app/scripts/roster-sync.mjs /usr/local/bin/roster-sync \
    && mkdir /data \
    && chown node:node /data
ENV NODE_ENV=production \
    DATA_DIR=/data \
    HOST=0.0.0.0 \
    PORT=3000
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["node", "/app/scripts/healthcheck.mjs"]
# Exec form: the daemon is process 1 and gets SIGTERM itself. It needs up to 10 seconds to stop.
ENTRYPOINT ["node", "--max-semi-space-size=16", "/app/scripts/roster-sync.mjs"]
CMD ["start"]
