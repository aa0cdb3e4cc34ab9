#include "clc/http/audit.h"

#include "clc/domain/identity.h"
#include "clc/http/wire_errors.h"
#include "common/base/text.h"

namespace angophora::clc {
namespace {

const char* source_of(Api api) {
  switch (api) {
    case Api::ec2:
      return "ec2.amazonaws.com";
    case Api::iam:
      return "iam.amazonaws.com";
    case Api::sts:
      return "sts.amazonaws.com";
    case Api::bootstrap:
      return "bootstrap.angophora.internal";
    case Api::properties:
      return "properties.angophora.internal";
  }
  return "";
}

const char* type_of(const Caller& caller) {
  if (caller.session) {
    if (caller.session->session.kind == sessions::Session::Kind::role) return "AssumedRole";
    if (caller.session->session.kind == sessions::Session::Kind::federated) return "FederatedUser";
  }
  return caller.is_root ? "Root" : "IAMUser";
}

}  // namespace

audit::Identity audit_identity(const Caller& caller) {
  audit::Identity identity;
  const auto principal = principal_of(caller);
  identity.type = type_of(caller);
  identity.principal_id = principal.id.empty() ? caller.user.value : principal.id;
  identity.arn = caller.user_arn;
  identity.account = caller.account.value;
  identity.access_key = caller.access_key_id;
  identity.user_name = caller.user_name;
  if (caller.session) identity.session_issuer = caller.session->session.issuer;
  return identity;
}

audit::Members audit_parameters(const audit::Members& sent) {
  audit::Members kept;
  for (const auto& [name, value] : sent) {
    const bool is_protocol = name == "Action" || name == "Version" || name == "AWSAccessKeyId" ||
                             name.starts_with("Signature") || name == "Timestamp" ||
                             name == "Expires" || name == "SecurityToken" ||
                             common::to_lower(name.substr(0, 6)) == "x-amz-";
    if (!is_protocol) kept.emplace_back(name, value);
  }
  return kept;
}

audit::Call audit_call(const Incoming& in, const http::Request& request,
                       const Result<Reply>& outcome, const std::string& region) {
  audit::Call call;
  call.identity = audit_identity(in.caller);
  call.source = source_of(in.route.api);
  call.name = in.action;
  call.region = region;
  call.address = in.peer;
  call.user_agent = std::string(request.headers.get("User-Agent"));
  if (!outcome) {
    auto fault = wire_fault(in.route.api, outcome.error());
    call.error_code = std::move(fault.code);
    call.error_message = std::move(fault.message);
  }
  call.parameters = in.audited;
  call.request_id = in.caller.request_id;
  call.recipient_account = in.caller.account.value;
  call.read_only = audit::is_read_only(in.action);
  return call;
}

}  // namespace angophora::clc
