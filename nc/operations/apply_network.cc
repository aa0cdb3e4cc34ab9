// ApplyNetwork: makes the node's network match the zone's document.
#include "nc/operations/operations.h"
#include "nc/operations/wire_forms.h"

namespace angophora::nc::operations {

Reply<soap::node::ApplyNetwork> apply_network(Services& services, soap::Caller,
                                              soap::node::ApplyNetwork::Request request) {
  CO_TRY(auto document, network_from_wire(request.network));
  const auto before = services.network.applied_version();
  CO_TRY_VOID(co_await services.network.apply(std::move(document)));
  soap::node::ApplyNetwork::Reply reply;
  reply.appliedVersion = services.network.applied_version();
  if (reply.appliedVersion != before) services.instances.touch();
  co_return reply;
}

}  // namespace angophora::nc::operations
