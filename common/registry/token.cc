#include "common/registry/token.h"

#include <boost/json.hpp>

#include "common/base/base64url.h"
#include "common/base/encoding.h"
#include "common/base/text.h"
#include "common/crypto/digest.h"
#include "common/crypto/x509.h"
#include "common/soap/peers.h"

namespace angophora::registry {
namespace {

namespace json = boost::json;

std::string text_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

Error bad_token(std::string what) {
  return Error(Errc::invalid_argument, "the enrolment token " + std::move(what));
}

}  // namespace

std::string format_token(const Token& token) {
  const json::object object{{"host", token.host},
                            {"port", token.port},
                            {"cloud", token.cloud_name},
                            {"cloud_sha256", common::hex_encode(token.cloud_sha256)},
                            {"service", token.service_name},
                            {"id", token.id},
                            {"secret", common::base64url_encode(token.secret)}};
  return common::base64url_encode(json::serialize(object));
}

Result<Token> parse_token(std::string_view text) {
  while (!text.empty() && std::string_view(" \t\r\n").find(text.back()) != std::string_view::npos)
    text.remove_suffix(1);
  const auto bytes = common::base64url_decode(common::trim(text));
  if (!bytes) return bad_token("is cut short or has other characters in it");
  boost::system::error_code failed;
  const auto value = json::parse(*bytes, failed);
  if (failed || !value.is_object()) return bad_token("is not one");
  const auto& object = value.get_object();
  Token token;
  token.host = text_at(object, "host");
  token.cloud_name = text_at(object, "cloud");
  token.service_name = text_at(object, "service");
  token.id = text_at(object, "id");
  token.cloud_sha256 = common::hex_decode(text_at(object, "cloud_sha256")).value_or("");
  token.secret = common::base64url_decode(text_at(object, "secret")).value_or("");
  const auto* port = object.if_contains("port");
  if (!port || !port->is_int64() || port->get_int64() < 1 || port->get_int64() > 65535)
    return bad_token("names no port");
  token.port = static_cast<std::uint16_t>(port->get_int64());
  if (token.host.empty() || token.id.empty()) return bad_token("names no cloud controller");
  if (!soap::is_valid_service_name(token.cloud_name) ||
      !soap::is_valid_service_name(token.service_name))
    return bad_token("names no service");
  if (token.cloud_sha256.size() != 32) return bad_token("has no fingerprint");
  if (token.secret.size() < 16) return bad_token("has no secret");
  return token;
}

std::string enrolment_mac(std::string_view secret, std::string_view name, std::string_view token_id,
                          std::string_view signing_der, std::string_view encryption_der) {
  std::string text(name);
  text.append("|").append(token_id);
  text.append("|").append(common::hex_encode(crypto::sha256(signing_der)));
  text.append("|").append(common::hex_encode(crypto::sha256(encryption_der)));
  return crypto::hmac_sha256(secret, text);
}

Result<> check_enrolment(const cloud__EnrolType& request, std::string_view secret,
                         const common::ServiceName& registered, const soap::Caller& caller) {
  const auto mac = enrolment_mac(secret, request.name, request.tokenId, request.signingCertificate,
                                 request.encryptionCertificate);
  if (request.name != registered.value || !common::equal_constant_time(mac, request.mac))
    return Error(Errc::permission_denied,
                 "the enrolment of " + request.name.substr(0, 64) + " does not fit its token");
  if (caller.certificate_der != request.signingCertificate)
    return Error(Errc::permission_denied,
                 registered.value + " did not sign its enrolment with the key it asks to pin");
  for (const auto& der : {request.signingCertificate, request.encryptionCertificate}) {
    auto certificate = crypto::Certificate::from_der(der);
    if (!certificate)
      return Error(Errc::invalid_argument, "a certificate of " + registered.value + " is broken");
    const auto key = certificate.value().public_key();
    if (!key.is_rsa() || key.bits() < 2048)
      return Error(Errc::invalid_argument,
                   "the keys of " + registered.value + " are not RSA keys of 2048 bits or more");
  }
  return common::ok();
}

}  // namespace angophora::registry
