// The real Channel: signed SOAP over TLS, certificates pinned on both sides.
//
// The answer must be signed by the certificate that the registry pins for the peer, relate to the
// request, be addressed to this component and be fresh. A call is sent once more, as a new
// message, when the connection broke before an answer came (so operations must be repeatable) and
// when the peer asks for a fresh message after its restart.
#pragma once

#include <memory>
#include <string>

#include "common/http/client.h"
#include "common/soap/channel.h"
#include "common/soap/peers.h"
#include "common/soap/policy.h"

namespace angophora::soap {

struct SoapChannelOptions {
  Freshness freshness;
  // wsa:To of answers when it is not the address of this component: kAnonymous while enrolling.
  std::string answers_to;
};

// I/O thread only. `peers` and `runtime` outlive the runtime's last coroutine.
class SoapChannel final : public Channel {
 public:
  SoapChannel(common::Runtime& runtime, Self self, PeerSource& peers, SoapChannelOptions options);
  ~SoapChannel() override;

  Task<Message> exchange(const Operation& operation, ServiceName to, Message request,
                         CallOptions options) override;
  std::int64_t registry_version() const override;
  void heard_of_version(std::int64_t version) override;

 private:
  struct Parts;
  std::shared_ptr<Parts> parts_;  // shared with calls that were given up and still run
};

// Both in PEM, for a listener or client of this component.
http::TlsIdentity tls_identity_of(const Self& self);

}  // namespace angophora::soap
