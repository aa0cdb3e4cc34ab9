#include "common/registry/follower.h"

#include <algorithm>

#include "common/log/log.h"
#include "common/soap/fault.h"

namespace angophora::registry {

Task<> fetch_registry(common::Runtime& runtime, soap::Channel& channel, RegistryTable& table,
                      const FollowerOptions& options) {
  cloud__GetRegistryType request;
  request.knownVersion = table.version();
  const bool has_waited = table.known_version() > table.version() || !table.why_too_old().empty();
  const auto wait = has_waited ? std::chrono::milliseconds(0) : options.poll;
  request.waitMs = static_cast<int>(wait.count());
  auto cloud = options.cloud_name;
  soap::CallOptions call_options(wait + std::chrono::seconds(10));
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

common::awaitable<void> follow_registry(common::Runtime& runtime, soap::Channel& channel,
                                        RegistryTable& table, FollowerOptions options) {
  auto pause = options.pause_min;
  bool failing = false, was_too_old = false;
  while (!runtime.stopping()) {
    const auto before = table.version();
    auto polled = co_await fetch_registry(runtime, channel, table, options);
    if (runtime.stopping()) break;
    table.set_disowned(!polled && polled.error().code == soap::SoapErrc::role_refused);
    const auto too_old = table.why_too_old();
    if (!too_old.empty() && !was_too_old) log::error("registry.too_old", {{"reason", too_old}});
    was_too_old = !too_old.empty();
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
