// DescribeServices: how this storage controller sees itself.
#include "sc/operations/operations.h"

namespace angophora::sc {

Task<soap::storage::DescribeServices::Reply> describe_services(Services& s, Caller,
                                                               storage__DescribeServicesType) {
  const auto pool = co_await s.volumes.pool();
  storage__DescribeServicesResponseType answer;
  auto& own = answer.services.emplace_back();
  own.name = s.name.value;
  own.type = "storage";
  own.zone = s.zone_name.value;
  const auto reason = pool ? s.exports.why_not() : pool.assume_error().message;
  own.state = reason.empty() ? "ENABLED" : "NOTREADY";
  if (!reason.empty()) own.reason = reason;
  own.version = s.version;
  own.clockMs = s.runtime.now().time_since_epoch().count();
  co_return answer;
}

}  // namespace angophora::sc
