#include "walrus/http/audit.h"

#include "common/base/text.h"

namespace angophora::walrus {
namespace {

const char* type_of(const policy::Principal& principal) {
  using Type = policy::Principal::Type;
  switch (principal.type) {
    case Type::root:
      return "Root";
    case Type::user:
      return "IAMUser";
    case Type::role_session:
      return "AssumedRole";
    case Type::federated_user:
      return "FederatedUser";
    case Type::web_identity:
      return "WebIdentityUser";
    case Type::service:
      return "AWSService";
    case Type::anonymous:
      break;
  }
  return "Anonymous";
}

audit::Identity identity_of(const S3Call& call) {
  const auto& principal = call.caller.principal;
  audit::Identity identity;
  identity.type = type_of(principal);
  identity.principal_id = principal.id;
  identity.arn = principal.arn;
  identity.account = call.caller.account.value;
  if (call.claim) identity.access_key = call.claim->access_key;
  identity.user_name = principal.user_name;
  identity.session_issuer = principal.issuer_id;
  return identity;
}

}  // namespace

audit::Call audit_call(const S3Call& call, std::string_view operation) {
  audit::Call told;
  told.identity = identity_of(call);
  told.source = "s3.amazonaws.com";
  told.name = std::string(operation);
  told.address = call.http.peer.address;
  told.user_agent = std::string(call.header("User-Agent"));
  if (!call.target.bucket.empty()) told.parameters.emplace_back("bucketName", call.target.bucket);
  if (!call.target.key.empty()) told.parameters.emplace_back("key", call.target.key);
  for (const auto& [name, value] : call.query) {
    const bool is_signature = name == "Signature" || name == "AWSAccessKeyId" ||
                              name == "Expires" || common::to_lower(name.substr(0, 6)) == "x-amz-";
    if (!is_signature) told.parameters.emplace_back(name, value);
  }
  told.request_id = call.request_id;
  told.recipient_account = call.caller.account.value;
  told.read_only = audit::is_read_only(operation);
  told.is_data = !call.target.key.empty();
  return told;
}

}  // namespace angophora::walrus
