#include "nc/metadata/service.h"

#include <algorithm>

#include "common/base/encoding.h"
#include "common/base/text.h"
#include "common/log/log.h"

namespace angophora::nc {

using common::awaitable;
using common::Result;
using common::Task;

namespace {

constexpr const char* kTtlHeader = "X-aws-ec2-metadata-token-ttl-seconds";
constexpr const char* kTokenHeader = "X-aws-ec2-metadata-token";
constexpr std::size_t kIdentitiesMax = 4096;

http::Response plain(int status, std::string body, std::string type = "text/plain") {
  http::Response response;
  response.status = status;
  response.headers.set("Content-Type", std::move(type));
  response.headers.set("Server", "EC2ws");
  response.body = std::move(body);
  return response;
}

// The page that AWS sends, so that clients which show it show what they always did.
http::Response failed(int status, const std::string& reason) {
  const auto title = std::to_string(status) + " - " + reason;
  return plain(status,
               "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n"
               "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\"\n"
               "\t\"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\">\n"
               "<html xmlns=\"http://www.w3.org/1999/xhtml\" xml:lang=\"en\" lang=\"en\">\n"
               " <head>\n  <title>" +
                   title +
                   "</title>\n </head>\n"
                   " <body>\n  <h1>" +
                   title + "</h1>\n </body>\n</html>\n",
               "text/html");
}

// The names of a path, decoded; doubled and closing slashes mean nothing.
std::optional<std::vector<std::string>> names_of(std::string_view path) {
  std::vector<std::string> names;
  for (const auto part : common::split(path, '/')) {
    if (part.empty()) continue;
    auto name = common::percent_decode(part);
    if (!name || names.size() >= 16) return std::nullopt;
    names.push_back(std::move(*name));
  }
  return names;
}

std::string list_of_versions() {
  std::string out;
  for (const auto version : metadata_versions()) {
    if (!out.empty()) out += '\n';
    out += version;
  }
  return out;
}

// Counts a request as under way while it lives.
class UnderWay {
 public:
  UnderWay(GuestLimits& limits, std::string guest) : limits_(limits), guest_(std::move(guest)) {}
  ~UnderWay() { limits_.end(guest_); }
  UnderWay(const UnderWay&) = delete;

 private:
  GuestLimits& limits_;
  std::string guest_;
};

}  // namespace

MetadataService::MetadataService(common::Runtime& runtime, const MetadataSource& source,
                                 MetadataOptions options)
    : runtime_(runtime),
      source_(source),
      options_(std::move(options)),
      tokens_(options_.token_key.empty() ? runtime.random_bytes(32) : options_.token_key),
      limits_(options_.limits),
      profiles_(runtime, options_.profiles) {}

Result<> MetadataService::listen() {
  http::ServerOptions options;
  options.address = options_.address;
  options.port = options_.port;
  options.header_bytes_max = 8 * 1024;
  options.idle_timeout = std::chrono::seconds(10);
  options.header_timeout = std::chrono::seconds(5);
  options.progress_timeout = std::chrono::seconds(5);
  TRY(server_, http::Server::listen(runtime_, options,
                                    [this](http::Request& request) { return handle(request); }));
  log::info("metadata.listening", {{"address", options_.address}, {"port", server_->port()}});
  return common::ok();
}

std::uint16_t MetadataService::port() const { return server_ ? server_->port() : 0; }

awaitable<http::Response> MetadataService::handle(http::Request& request) {
  const auto guest = request.peer.address;
  if (!limits_.begin(guest, runtime_.steady_now())) {
    log::debug("metadata.slowed_down", {{"guest", guest}});
    co_return failed(503, "Slow Down");
  }
  const UnderWay counted(limits_, guest);
  auto response = co_await answer(request);
  if (request.method == "HEAD") {
    if (const auto* body = std::get_if<std::string>(&response.body)) {
      response.head_length = body->size();
      response.body = std::string();
    }
  }
  co_return response;
}

awaitable<http::Response> MetadataService::answer(http::Request& request) {
  const auto spec = source_.by_address(request.peer.address);
  if (!spec) {
    log::warn("metadata.unknown_guest", {{"address", request.peer.address}});
    co_return failed(404, "Not Found");
  }
  if (request.method == "PUT") co_return issue_token(request, *spec);
  if (request.method != "GET" && request.method != "HEAD")
    co_return failed(405, "Method Not Allowed");
  const auto token = request.headers.find(kTokenHeader);
  const bool good = token && tokens_.is_valid(*token, spec->id, runtime_.now());
  if (!good && (token || spec->metadata_tokens_required)) co_return failed(401, "Unauthorized");
  co_return co_await read(request, *spec);
}

// A proxy inside the guest that lets strangers ask is what tokens are against, and proxies add
// X-Forwarded-For.
http::Response MetadataService::issue_token(const http::Request& request,
                                            const InstanceSpec& spec) const {
  const auto names = names_of(request.path());
  if (!names || names->size() != 3 || (*names)[1] != "api" || (*names)[2] != "token" ||
      std::ranges::find(metadata_versions(), (*names)[0]) == metadata_versions().end())
    return failed(405, "Method Not Allowed");
  if (request.headers.find("X-Forwarded-For")) return failed(403, "Forbidden");
  const auto life = common::parse_number<std::int64_t>(request.headers.get(kTtlHeader));
  if (!life || *life < 1 || *life > kTokenLifeMax.count()) return failed(400, "Bad Request");
  const auto expiry = runtime_.now() + std::chrono::seconds(*life);
  auto response = plain(200, tokens_.issue(spec.id, expiry));
  response.headers.set(kTtlHeader, std::to_string(*life));
  response.hops_max = 1;
  return response;
}

awaitable<http::Response> MetadataService::read(const http::Request& request,
                                                const InstanceSpec& spec) {
  const auto names = names_of(request.path());
  if (!names) co_return failed(400, "Bad Request");
  if (names->empty()) co_return plain(200, list_of_versions());
  if (std::ranges::find(metadata_versions(), names->front()) == metadata_versions().end())
    co_return failed(404, "Not Found");
  std::string path;
  for (std::size_t i = 1; i < names->size(); ++i) path += (i > 1 ? "/" : "") + (*names)[i];
  SignedIdentity identity;
  const auto known = facts();
  if (path.starts_with("dynamic")) {
    auto signed_now = co_await identity_of(spec, known);
    if (!signed_now) {
      log::error("metadata.signing_failed", {{"instance", spec.id}, {"error", signed_now.error()}});
      co_return failed(500, "Internal Server Error");
    }
    identity = std::move(signed_now).value();
  }
  MetadataTree tree(spec, known, identity);
  const bool is_of_profile = path.starts_with("meta-data/iam");
  if (is_of_profile || path == "meta-data") {
    auto leaves = co_await profiles_.leaves_of(spec);
    if (leaves) tree.add(std::move(leaves).value());
    if (!leaves && is_of_profile) co_return failed(503, "Service Unavailable");
  }
  auto found = tree.find(path);
  if (!found) co_return failed(404, "Not Found");
  const std::string type = path == "user-data" ? "application/octet-stream" : "text/plain";
  co_return plain(200, std::move(*found), type);
}

MetadataFacts MetadataService::facts() const {
  auto facts = options_.facts;
  if (auto region = source_.region(); !region.empty()) facts.region = std::move(region);
  return facts;
}

Task<SignedIdentity> MetadataService::identity_of(InstanceSpec spec, MetadataFacts facts) {
  auto document = identity_document(spec, facts);
  const auto known = identities_.find(spec.id);
  if (known != identities_.end() && known->second.document == document) co_return known->second;
  if (!options_.signer) co_return SignedIdentity{std::move(document), "", ""};
  const auto sign = [signer = options_.signer, document] { return signer(document); };
  CO_TRY(auto identity, co_await runtime_.run_blocking(sign));
  if (identities_.size() >= kIdentitiesMax) identities_.clear();  // guests come and go
  identities_[spec.id] = identity;
  co_return identity;
}

}  // namespace angophora::nc
