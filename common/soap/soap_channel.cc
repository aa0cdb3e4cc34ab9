#include "common/soap/soap_channel.h"

#include <algorithm>
#include <map>
#include <optional>

#include "common/log/log.h"
#include "common/soap/codec.h"
#include "common/soap/message_id.h"
#include "common/soap/wsse.h"

namespace angophora::soap {

struct SoapChannel::Parts {
  Parts(common::Runtime& r, Self s, PeerSource& p, SoapChannelOptions o)
      : runtime(r),
        self(std::move(s)),
        peers(p),
        options(std::move(o)),
        client(r, client_options()) {
    if (options.answers_to.empty()) options.answers_to = address_of(self.name);
  }
  http::ClientOptions client_options() const {
    http::ClientOptions made;
    made.tls = tls_identity_of(self);
    return made;
  }

  common::Runtime& runtime;
  Self self;
  PeerSource& peers;
  SoapChannelOptions options;
  http::Client client;
  std::map<ServiceName, std::string> challenges;  // what each peer asked for at its last start
};

namespace {

// One signed request under way.
struct Sent {
  std::string message_id;
  std::string action;
};

// What the peer's bytes turn out to be.
struct Answer {
  std::optional<Fault> fault;
  Message reply;
};

// Verifies and reads the answer. Runs on the pool.
Result<Answer> open_answer(std::string_view bytes, const Peer& peer, const Operation& operation,
                           const Sent& sent, const SoapChannelOptions& options, SysTime now) {
  const auto key_of = [&](std::string_view thumbprint) -> std::optional<crypto::PublicKey> {
    if (thumbprint != peer.certificate.sha1_thumbprint()) return std::nullopt;
    return peer.certificate.public_key();
  };
  TRY(const auto envelope, verify_envelope(bytes, key_of));
  TRY_VOID(check_answer_address(envelope, options.answers_to, sent.action, sent.message_id));
  const Clocks clocks{peer.name.value, options.answers_to};
  TRY_VOID(check_fresh(envelope.addressing, options.freshness, clocks, now));
  Answer answer;
  if (is_fault(envelope)) {
    TRY(answer.fault, decode_fault(envelope.body));
  } else {
    TRY(answer.reply, operation.decode_reply(envelope.content()));
  }
  return answer;
}

Error http_refusal(const Peer& peer, int status, std::string_view text) {
  return Error(Errc::unavailable, peer.name.value + " answered HTTP " + std::to_string(status) +
                                      ": " + std::string(text.substr(0, 200)));
}

}  // namespace

http::TlsIdentity tls_identity_of(const Self& self) {
  return {self.certificate.pem(), self.key.pem()};
}

SoapChannel::SoapChannel(common::Runtime& runtime, Self self, PeerSource& peers,
                         SoapChannelOptions options)
    : parts_(std::make_shared<Parts>(runtime, std::move(self), peers, std::move(options))) {}

SoapChannel::~SoapChannel() = default;

std::int64_t SoapChannel::registry_version() const { return parts_->peers.peers()->version(); }

void SoapChannel::heard_of_version(std::int64_t version) {
  parts_->peers.heard_of_version(version);
}

namespace {

// Sends `envelope` and returns the bytes of the answer.
template <class Parts>
Task<std::string> post(std::shared_ptr<Parts> parts, const Operation& operation, Peer peer,
                       std::string envelope, common::Duration timeout) {
  http::ClientRequest request;
  request.method = "POST";
  request.url.tls = true;
  request.url.host = peer.host;
  request.url.port = peer.port;
  request.url.target = "/services/" + std::string(operation.service);
  request.headers.set("Content-Type", "text/xml; charset=utf-8");
  request.headers.set("SOAPAction", "\"" + std::string(operation.action) + "\"");
  request.body = std::move(envelope);
  request.timeout = timeout;
  request.peer_sha256 = peer.certificate.sha256_thumbprint();
  CO_TRY(auto response, co_await parts->client.send(std::move(request)));
  CO_TRY(auto bytes, co_await response.body->read_all(kMessageBytesMax));
  if (!response.headers.get("Content-Type").starts_with("text/xml"))
    co_return http_refusal(peer, response.status, bytes);
  co_return std::move(bytes);
}

// One request and its answer.
template <class Parts>
Task<Answer> attempt(std::shared_ptr<Parts> parts, const Operation& operation, Peer peer,
                     std::shared_ptr<const std::string> content, common::Duration timeout) {
  Addressing addressing;
  addressing.to = address_of(peer.name);
  addressing.action = operation.action;
  addressing.message_id = new_message_id(parts->runtime);
  addressing.relates_to = parts->challenges[peer.name];
  addressing.created = parts->runtime.now();
  addressing.expires = addressing.created + kMessageLifetime;
  const Sent sent{addressing.message_id, addressing.action};
  auto signing = [parts, content, addressing] {
    return sign_envelope(addressing, *content, parts->self.key,
                         parts->self.certificate.sha1_thumbprint());
  };
  CO_TRY(auto envelope, co_await parts->runtime.run_blocking(std::move(signing)));
  CO_TRY(auto bytes, co_await post(parts, operation, peer, std::move(envelope), timeout));
  const auto now = parts->runtime.now();
  auto opening = [&] { return open_answer(bytes, peer, operation, sent, parts->options, now); };
  auto answer = co_await parts->runtime.run_blocking(std::move(opening));
  if (!answer)
    log::warn("soap.answer_refused", {{"check", answer.error().code.message()},
                                      {"from", peer.name},
                                      {"to", parts->self.name},
                                      {"operation", operation.action},
                                      {"reason", answer.error()}});
  co_return std::move(answer);
}

template <class Parts>
Task<Message> converse(std::shared_ptr<Parts> parts, const Operation& operation, ServiceName to,
                       Message request, common::Duration timeout) {
  const auto peers = parts->peers.peers();
  const auto* known = peers->by_name(to);
  if (!known)
    co_return not_in_registry(Errc::unavailable, to.value, parts->self.name, parts->peers);
  const Peer peer = *known;
  auto encoding = [&operation, &request]() -> Result<std::shared_ptr<const std::string>> {
    TRY(auto xml, operation.encode_request(request));
    return std::make_shared<const std::string>(std::move(xml));
  };
  CO_TRY(const auto content, co_await parts->runtime.run_blocking(std::move(encoding)));

  bool broken_before = false, challenged_before = false;
  for (;;) {
    auto answer = co_await attempt(parts, operation, peer, content, timeout);
    if (!answer) {
      if (answer.error().code != Errc::unavailable || broken_before || parts->runtime.stopping())
        co_return std::move(answer).assume_error();
      broken_before = true;
      continue;
    }
    auto& fault = answer.assume_value().fault;
    if (!fault) co_return std::move(answer.assume_value().reply);
    const bool asks_for_fresh = !fault->challenge.empty() && !challenged_before;
    if (!asks_for_fresh) co_return error_of(*fault);
    parts->challenges[peer.name] = fault->challenge;
    challenged_before = true;
  }
}

// Operations whose answer may take its time, because they wait for news.
bool is_long_poll(const Operation& operation) {
  const Operation* const polls[] = {
      &cloud::GetRegistry::kOperation, &cloud::DescribeIdentities::kOperation,
      &node::DescribeNode::kOperation, &cluster::DescribeZone::kOperation};
  return std::find(std::begin(polls), std::end(polls), &operation) != std::end(polls);
}

// A call under way that nobody may wait for any more.
struct Poll {
  std::optional<Result<Message>> result;
  common::Wake done;
};

common::awaitable<void> run_poll(std::shared_ptr<Poll> poll, Task<Message> work) {
  poll->result.emplace(co_await std::move(work));
  poll->done.notify();
}

// As Runtime::with_deadline, but ends with Errc::cancelled as soon as the daemon is told to stop.
Task<Message> until_stop(common::Runtime& runtime, common::Duration limit, Task<Message> work,
                         std::string what) {
  auto poll = std::make_shared<Poll>();
  runtime.spawn(what, run_poll(poll, std::move(work)));
  if (!poll->result) (void)co_await poll->done.wait(runtime, limit);
  if (poll->result) co_return std::move(*poll->result);
  if (runtime.stopping()) co_return Error(Errc::cancelled, what + ": told to stop");
  co_return Error(Errc::timed_out, what + ": no answer in time");
}

}  // namespace

Task<Message> SoapChannel::exchange(const Operation& operation, ServiceName to, Message request,
                                    CallOptions options) {
  auto what = std::string(operation.name) + " at " + to.value;
  auto& runtime = parts_->runtime;
  const auto timeout = options.timeout;
  auto work = converse(parts_, operation, std::move(to), std::move(request), timeout);
  if (is_long_poll(operation))
    co_return co_await until_stop(runtime, timeout, std::move(work), std::move(what));
  co_return co_await runtime.with_deadline<Message>(timeout, std::move(work), std::move(what));
}

}  // namespace angophora::soap
