// Keeps a registry table fresh: a long poll to the cloud controller that starts again as soon as it
// ends, with growing pauses while the cloud controller does not answer. What was accepted is kept
// on disk.
#pragma once

#include <functional>
#include <string>

#include "common/registry/table.h"
#include "common/soap/channel.h"

namespace angophora::registry {

struct FollowerOptions {
  common::ServiceName cloud_name;
  crypto::Certificate issuer;
  std::string file;                        // where the document is kept; empty: nowhere
  std::chrono::milliseconds poll{30'000};  // the longest that a poll waits
  std::chrono::milliseconds pause_min{500}, pause_max{15'000};
};

// Asks once, verifies the answer, takes it and keeps it. Waits for news, at most `options.poll`,
// unless the document at hand is too old or a newer one was heard of.
Task<> fetch_registry(common::Runtime& runtime, soap::Channel& channel, RegistryTable& table,
                      const FollowerOptions& options);

// Runs until the runtime stops. Spawn it; `channel` and `table` outlive the runtime's coroutines.
common::awaitable<void> follow_registry(common::Runtime& runtime, soap::Channel& channel,
                                        RegistryTable& table, FollowerOptions options);

}  // namespace angophora::registry
