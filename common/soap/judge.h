// The judgement over one incoming request: every check that needs no memory, then the parser. Pure,
// any thread, belongs on the pool. soap_server.h adds the memory of messages seen and the answer.
#pragma once

#include <optional>
#include <string>

#include "common/soap/dispatcher.h"
#include "common/soap/peers.h"
#include "common/soap/policy.h"
#include "common/soap/wsse.h"

namespace angophora::soap {

// Who sent the bytes, by the certificate of the TLS connection. The message must be signed by the
// same certificate.
struct Sender {
  ServiceName name;  // empty for a stranger
  Role role = Role::stranger;
  crypto::Certificate certificate;
};

// What the receiver knows about itself.
struct Receiver {
  std::string address;  // address_of(its name)
  std::string service;  // of the path, e.g. Node
  Freshness freshness;
  SysTime started{};
  std::string challenge;
};

struct Judgement {
  std::optional<Error> refusal;    // the check that failed; nothing else is to be trusted then
  std::string claimed_message_id;  // of a refused message; not to be trusted
  VerifiedEnvelope envelope;
  const Operation* operation = nullptr;
  Message request;
};

// Order: shape, signature, signer, receiver, action, freshness, operation, role, restart, parser.
Judgement judge_request(std::string_view bytes, const Sender& sender, const Receiver& receiver,
                        const Dispatcher& dispatcher, SysTime now);

}  // namespace angophora::soap
