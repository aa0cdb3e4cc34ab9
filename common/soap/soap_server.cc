#include "common/soap/soap_server.h"

#include "common/base/text.h"
#include "common/crypto/digest.h"
#include "common/log/log.h"
#include "common/soap/codec.h"
#include "common/soap/message_id.h"

namespace angophora::soap {
namespace {

constexpr std::string_view kPathPrefix = "/services/";
// Enough to enrol.
constexpr std::size_t kStrangerBytesMax = 64 * 1024;

http::Response plain(int status, std::string text) {
  http::Response response;
  response.status = status;
  response.headers.set("Content-Type", "text/plain");
  response.body = std::move(text) + "\n";
  response.close = true;
  return response;
}

bool is_xml(std::string_view content_type) {
  const auto end = content_type.find(';');
  return common::equal_ignore_case(common::trim(content_type.substr(0, end)), "text/xml");
}

// Encodes what goes back and signs it. Runs on the pool.
Result<std::string> sealed_answer(const Operation* operation, const Result<Message>& reply,
                                  const std::string& challenge, Addressing addressing,
                                  const Self& self) {
  std::string content;
  if (reply) {
    TRY(content, operation->encode_reply(reply.value()));
    addressing.action = std::string(operation->action) + "Response";
  } else {
    auto fault = fault_of(reply.error());
    if (reply.error().code == SoapErrc::fresh_message_required) fault.challenge = challenge;
    content = encode_fault(fault);
    addressing.action = kFaultAction;
  }
  return sign_envelope(addressing, content, self.key, self.certificate.sha1_thumbprint());
}

}  // namespace

SoapServer::SoapServer(common::Runtime& runtime, Self self, PeerSource& peers,
                       Dispatcher& dispatcher, SoapServerOptions options)
    : runtime_(runtime),
      self_(std::move(self)),
      peers_(peers),
      dispatcher_(dispatcher),
      options_(options),
      seen_(options.replay_entries_max, options.replay_per_signer_max),
      started_(runtime.now()),
      challenge_(new_message_id(runtime)) {
  RegistryHooks hooks;
  hooks.current = [this] { return peers_.peers()->version(); };
  hooks.heard_of = [this](std::int64_t version) { peers_.heard_of_version(version); };
  dispatcher_.set_registry(std::move(hooks));
}

std::optional<Peer> peer_of(const Peers& peers, const http::Peer& connection) {
  if (!connection.tls || connection.certificate_der.empty()) return std::nullopt;
  const auto* peer = peers.by_sha256(crypto::sha256(connection.certificate_der));
  if (!peer) return std::nullopt;
  return *peer;
}

Result<Sender> SoapServer::sender_of(const http::Request& request) const {
  if (auto peer = peer_of(*peers_.peers(), request.peer))
    return Sender{peer->name, peer->role, peer->certificate};
  if (!request.peer.tls || request.peer.certificate_der.empty())
    return Error(SoapErrc::unknown_signer, "a TLS client certificate is needed");
  TRY(auto certificate, crypto::Certificate::from_der(request.peer.certificate_der));
  for (const auto* operation : dispatcher_.served())
    if (dispatcher_.allows(operation->action, Role::stranger))
      return Sender{ServiceName(), Role::stranger, std::move(certificate)};
  return not_in_registry(SoapErrc::unknown_signer,
                         "the client certificate of " + certificate.common_name(), self_.name,
                         peers_);
}

common::awaitable<http::Response> SoapServer::handle(http::Request& request) {
  auto sender = sender_of(request);
  if (!sender) {
    log::warn("soap.refused", {{"check", sender.error().code.message()},
                               {"from_address", request.peer.address},
                               {"to", self_.name},
                               {"reason", sender.error()}});
    co_return plain(403, sender.error().message);
  }
  const auto path = request.path();
  if (!path.starts_with(kPathPrefix)) co_return plain(404, "there is nothing at this path");
  if (request.method != "POST") co_return plain(405, "SOAP is sent with POST");
  if (!is_xml(request.headers.get("Content-Type"))) co_return plain(415, "not text/xml");
  const bool is_stranger = sender.value().role == Role::stranger;
  const std::size_t bytes_max = is_stranger ? kStrangerBytesMax : kMessageBytesMax;
  auto bytes = co_await request.body->read_all(bytes_max);
  if (!bytes) co_return plain(413, bytes.error().message);
  std::string service(path.substr(kPathPrefix.size()));
  co_return co_await serve(std::move(service), std::move(bytes).assume_value(),
                           std::move(sender).assume_value());
}

common::awaitable<http::Response> SoapServer::serve(std::string service, std::string bytes,
                                                    Sender sender) {
  Receiver receiver{address_of(self_.name), std::move(service), options_.freshness, started_,
                    challenge_};
  const auto now = runtime_.now();
  auto judging = [&]() -> Result<Judgement> {
    return judge_request(bytes, sender, receiver, dispatcher_, now);
  };
  auto judged = co_await runtime_.run_blocking(std::move(judging));
  if (!judged) co_return plain(503, judged.error().message);
  auto judgement = std::move(judged).assume_value();
  auto relates_to =
      judgement.refusal ? judgement.claimed_message_id : judgement.envelope.addressing.message_id;
  auto reply = co_await run(judgement, sender);
  std::string to(sender.role == Role::stranger ? std::string(kAnonymous) : address_of(sender.name));
  co_return co_await answer(std::move(to), std::move(relates_to), judgement.operation,
                            std::move(reply));
}

common::awaitable<Result<Message>> SoapServer::run(Judgement& judgement, const Sender& sender) {
  if (judgement.refusal) {
    log_refusal(judgement, *judgement.refusal, sender);
    co_return *judgement.refusal;
  }
  const auto& envelope = judgement.envelope;
  const auto until = envelope.addressing.expires + options_.freshness.clock_skew_max;
  auto first =
      seen_.accept(envelope.thumbprint, envelope.addressing.message_id, until, runtime_.now());
  if (!first) {
    log_refusal(judgement, first.error(), sender);
    co_return std::move(first).assume_error();
  }
  Caller caller{sender.name, sender.role, {}, sender.certificate.der()};
  auto reply = co_await dispatcher_.deliver(*judgement.operation, std::move(caller),
                                            std::move(judgement.request));
  if (!reply)
    log::debug("soap.operation_failed", {{"operation", judgement.operation->action},
                                         {"from", sender.name},
                                         {"code", reply.error().code.message()},
                                         {"reason", reply.error()}});
  co_return std::move(reply);
}

common::awaitable<http::Response> SoapServer::answer(std::string to, std::string relates_to,
                                                     const Operation* operation,
                                                     Result<Message> reply) {
  Addressing addressing;
  addressing.to = std::move(to);
  addressing.message_id = new_message_id(runtime_);
  addressing.relates_to = std::move(relates_to);
  addressing.created = runtime_.now();
  addressing.expires = addressing.created + kMessageLifetime;
  bool failed = reply.has_error();
  auto sealing = [&] { return sealed_answer(operation, reply, challenge_, addressing, self_); };
  auto sealed = co_await runtime_.run_blocking(sealing);
  if (!sealed && !failed) {
    // An answer that cannot be written is our own mistake; the caller gets to know.
    log::error("soap.answer_not_written",
               {{"operation", operation->action}, {"reason", sealed.error()}});
    reply = Error(Errc::internal, "the answer could not be written");
    failed = true;
    sealed = co_await runtime_.run_blocking(sealing);
  }
  if (!sealed) co_return plain(503, sealed.error().message);
  http::Response response;
  response.status = failed ? 500 : 200;
  response.headers.set("Content-Type", "text/xml; charset=utf-8");
  response.body = std::move(sealed).assume_value();
  co_return response;
}

void SoapServer::log_refusal(const Judgement& judgement, const Error& error,
                             const Sender& sender) const {
  const auto& addressing = judgement.envelope.addressing;
  // The first message of each peer after a start is ordinary.
  const auto level =
      error.code == SoapErrc::fresh_message_required ? log::Level::debug : log::Level::warn;
  // Without a verified envelope there is no time to compare with.
  const bool has_time = addressing.created != SysTime{};
  const auto skew = has_time ? std::to_string(measured_skew(addressing, runtime_.now()).count())
                             : std::string("unknown");
  log::write(level, "soap.refused",
             {{"check", error.code.message()},
              {"from", sender.name.empty() ? sender.certificate.common_name() : sender.name.value},
              {"role", to_string(sender.role)},
              {"to", self_.name},
              {"action", addressing.action},
              {"clock_skew_ms", skew},
              {"reason", error}});
}

}  // namespace angophora::soap
