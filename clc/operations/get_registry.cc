// GetRegistry: the newest registry; waits for a newer one than the asker knows.
#include <algorithm>

#include "clc/operations/operations.h"

namespace angophora::clc::operations {

constexpr int kRegistryWaitMaxMs = 60'000;

Task<soap::cloud::GetRegistry::Reply> get_registry(Context& context, soap::Caller,
                                                   soap::cloud::GetRegistry::Request request) {
  const std::chrono::milliseconds wait(std::clamp(request.waitMs, 0, kRegistryWaitMaxMs));
  soap::cloud::GetRegistry::Reply reply;
  CO_TRY(reply.registry, co_await context.issuer.newer_than(request.knownVersion, wait));
  co_return reply;
}

}  // namespace angophora::clc::operations
