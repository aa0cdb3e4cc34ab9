#include "common/audit/record.h"

#include <algorithm>
#include <array>

#include "common/base/text.h"

namespace angophora::audit {
namespace {

constexpr std::size_t kValueMax = 1024;
constexpr std::size_t kParametersMax = 16 * 1024;
constexpr std::string_view kRemoved = "<sensitiveDataRemoved>";

void add_text(std::string& json, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  json += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      json.append("\\u00") += kHex[byte >> 4];
      json += kHex[byte & 15];
    } else {
      json += c;
    }
  }
  json += '"';
}

// Up to `most` bytes of valid UTF-8; what is not UTF-8 is replaced.
std::string tidy(std::string_view text, std::size_t most) {
  std::string out(text.substr(0, most));
  if (text.size() > most) {
    while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xc0) == 0x80) out.pop_back();
    if (!out.empty() && static_cast<unsigned char>(out.back()) >= 0xc0) out.pop_back();
    out += "...";
  }
  if (common::is_valid_utf8(out)) return out;
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  return out;
}

class Object {
 public:
  explicit Object(std::string& json) : json_(json) { json_ += '{'; }
  ~Object() { json_ += '}'; }
  Object(const Object&) = delete;

  std::string& name(std::string_view name) {
    if (!first_) json_ += ',';
    first_ = false;
    add_text(json_, name);
    return json_ += ':';
  }
  void text(std::string_view member, std::string_view value) {
    add_text(name(member), tidy(value, kValueMax));
  }
  void text_if_any(std::string_view member, std::string_view value) {
    if (!value.empty()) text(member, value);
  }
  void truth(std::string_view member, bool value) { name(member) += value ? "true" : "false"; }

 private:
  std::string& json_;
  bool first_ = true;
};

void add_identity(std::string& json, const Identity& who) {
  Object object(json);
  object.text("type", who.type.empty() ? "Anonymous" : who.type);
  object.text_if_any("principalId", who.principal_id);
  object.text_if_any("arn", who.arn);
  object.text_if_any("accountId", who.account);
  object.text_if_any("accessKeyId", who.access_key);
  object.text_if_any("userName", who.user_name);
  if (who.session_issuer.empty()) return;
  Object context(object.name("sessionContext"));
  Object issuer(context.name("sessionIssuer"));
  issuer.text("principalId", who.session_issuer);
}

void add_parameters(std::string& json, const Members& parameters) {
  Object object(json);
  std::size_t size = 0;
  for (const auto& [name, value] : parameters) {
    size += name.size() + std::min(value.size(), kValueMax);
    if (size > kParametersMax) return object.text("omitted", "the request has more parameters");
    object.text(tidy(name, kValueMax), is_secret(name) ? kRemoved : std::string_view(value));
  }
}

}  // namespace

// Of names or the last parts of them, e.g. of "Certificate.PrivateKey".
bool is_secret(std::string_view name) {
  static constexpr auto kSecrets = std::to_array<std::string_view>(
      {"userdata", "privatekey", "password", "newpassword", "oldpassword", "secretaccesskey",
       "tokencode", "webidentitytoken", "samlassertion", "sessiontoken", "securitytoken",
       "authenticationcode1", "authenticationcode2", "uploadpolicysignature", "signature",
       "x-amz-signature", "x-amz-security-token"});
  // UserData.Value of ModifyInstanceAttribute as well.
  for (const auto part : common::split(name, '.')) {
    const auto small = common::to_lower(part);
    if (std::find(kSecrets.begin(), kSecrets.end(), small) != kSecrets.end()) return true;
  }
  return false;
}

bool is_read_only(std::string_view action) {
  for (const auto* verb : {"Describe", "Get", "List", "Head"})
    if (action.starts_with(verb)) return true;
  return false;
}

std::string to_json(const Call& call) {
  std::string json;
  json.reserve(1024);
  {
    Object object(json);
    object.text("eventVersion", "1.08");
    add_identity(object.name("userIdentity"), call.identity);
    object.text("eventTime", common::format_iso8601(call.time).substr(0, 19) + "Z");
    object.text("eventSource", call.source);
    object.text("eventName", call.name);
    object.text("awsRegion", call.region);
    object.text("sourceIPAddress", call.address);
    object.text("userAgent", call.user_agent);
    object.text_if_any("errorCode", call.error_code);
    object.text_if_any("errorMessage", call.error_message);
    add_parameters(object.name("requestParameters"), call.parameters);
    object.name("responseElements") += "null";
    object.text("requestID", call.request_id);
    object.text("eventID", call.event_id);
    object.truth("readOnly", call.read_only);
    object.text("eventType", "AwsApiCall");
    object.truth("managementEvent", !call.is_data);
    object.text("recipientAccountId", call.recipient_account);
    object.text("eventCategory", call.is_data ? "Data" : "Management");
  }
  return json;
}

}  // namespace angophora::audit
