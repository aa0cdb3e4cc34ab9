#include "common/registry/follower.h"

#include <algorithm>

#include "common/log/log.h"

namespace angophora::registry {
namespace {

// One poll: ask, verify, take, keep.
Task<> poll_once(common::Runtime& runtime, soap::Channel& channel, RegistryTable& table,
                 const FollowerOptions& options) {
  cloud__GetRegistryType request;
  request.knownVersion = table.version();
  // A newer version was heard of: no need to wait for it.
  const bool is_behind = table.known_version() > table.version();
  request.waitMs = is_behind ? 0 : static_cast<int>(options.poll.count());
  auto cloud = options.cloud_name;
  soap::CallOptions call_options(options.poll + std::chrono::seconds(10));
  CO_TRY(auto reply, co_await soap::call<soap::cloud::GetRegistry>(
                         channel, std::move(cloud), std::move(request), std::move(call_options)));
  const auto& document = reply.registry;
  auto opening = [&] { return open_registry(document, options.issuer); };
  CO_TRY(const auto registry, co_await runtime.run_blocking(std::move(opening)));
  CO_TRY_VOID(table.accept(registry));
  if (options.file.empty()) co_return common::ok();
  auto keeping = [&] { return write_file(options.file, serialise(document)); };
  co_return co_await runtime.run_blocking(std::move(keeping));
}

}  // namespace

common::awaitable<void> follow_registry(common::Runtime& runtime, soap::Channel& channel,
                                        RegistryTable& table, FollowerOptions options) {
  auto pause = options.pause_min;
  bool failing = false;
  while (!runtime.stopping()) {
    const auto before = table.version();
    auto polled = co_await poll_once(runtime, channel, table, options);
    if (runtime.stopping()) break;
    if (polled) {
      if (failing) log::info("registry.following_again", {{"version", table.version()}});
      failing = false;
      pause = options.pause_min;
      // An answer that brings nothing new must not make this loop spin.
      if (table.version() == before) co_await runtime.sleep_for(options.pause_min);
      continue;
    }
    if (!failing) log::warn("registry.not_followed", {{"reason", polled.error()}});
    failing = true;
    // Not all components at the same moment when the cloud controller is back.
    const auto jitter = std::chrono::milliseconds(
        runtime.random_below(static_cast<std::uint64_t>(pause.count()) / 2 + 1));
    co_await runtime.sleep_for(pause + jitter);
    pause = std::min(pause * 2, options.pause_max);
  }
}

}  // namespace angophora::registry
