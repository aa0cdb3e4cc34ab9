// GetInstanceCredentials: the instance profile of an instance, and credentials of its role for some
// hours, for the node that holds the placement and for nobody else. Its guest gets them from the
// node's metadata service. The secret is wrapped for that node's own certificate.
#include "clc/actions/sts.h"
#include "clc/operations/operations.h"
#include "clc/store/instances.h"
#include "clc/store/profile_associations.h"
#include "clc/store/registrations.h"
#include "clc/store/roles.h"
#include "common/crypto/aes.h"
#include "common/crypto/x509.h"
#include "common/log/log.h"
#include "common/policy/evaluate.h"

namespace angophora::clc::operations {
namespace {

// As EC2's are. A node asks for others an hour before these end.
constexpr std::int64_t kLifeSeconds = 6 * 3600;

// What is known of the instance's profile; a role only when EC2 may take it on.
struct GrantedProfile {
  std::optional<ProfileUse> profile;
  std::optional<Role> role;
  std::string refusal;
  std::string encryption_certificate;  // of the node, DER
};

bool holds_placement(const Instance& instance, const soap::Caller& node,
                     std::int64_t placement_no) {
  const bool alive =
      instance.state == InstanceState::pending || instance.state == InstanceState::running;
  return alive && instance.node.value == node.name.value && instance.placement_no == placement_no;
}

// Whether the role's trust policy lets instances take it on.
Result<bool> trusts_instances(const Role& role) {
  TRY(auto document, policy::parse(role.trust, policy::trust_rules()));
  const policy::NamedPolicy trust{"trust policy of " + role.name, std::move(document)};
  policy::Request asked{.action = "sts:AssumeRole", .resource = arn_of(role)};
  asked.resource_account = role.account.value;
  asked.resource_policy = &trust;
  asked.resource_must_allow = true;
  return policy::decide(policy::Principal::service("ec2.amazonaws.com"), {}, asked).allowed;
}

Result<GrantedProfile> grant_profile(Tx& tx, const soap::Caller& node, const InstanceId& id,
                                     std::int64_t placement_no) {
  TRY(const auto instance, Instances(tx).find(id));
  if (!instance || !holds_placement(*instance, node, placement_no))
    return Error(common::Errc::permission_denied,
                 "node " + node.name.value + " does not hold placement " +
                     std::to_string(placement_no) + " of " + id.value);
  GrantedProfile granted;
  TRY(const auto association, ProfileAssociations(tx).of_instance(id));
  if (!association) return granted;
  granted.profile = association->use;
  TRY(const auto profile, InstanceProfiles(tx).find(association->use.id));
  std::optional<Role> role;
  if (profile && !profile->role.value.empty()) {
    TRY(role, Roles(tx).find(profile->role));
  }
  if (!role) {
    granted.refusal = "InstanceProfileNotFound";
    return granted;
  }
  TRY(const bool trusts, trusts_instances(*role));
  if (!trusts) {
    granted.refusal = "AssumeRoleUnauthorizedAccess";
    return granted;
  }
  granted.role = std::move(role);
  TRY(const auto service, Registrations(tx).get(node.name));
  granted.encryption_certificate = service.encryption_certificate;
  return granted;
}

Result<std::string> wrap_secret(const std::string& secret, const std::string& certificate_der) {
  TRY(const auto certificate, crypto::Certificate::from_der(certificate_der));
  const auto node_key = certificate.public_key();
  return node_key.encrypt_oaep(secret);
}

std::int64_t milliseconds(common::SysTime time) { return time.time_since_epoch().count(); }

}  // namespace

Task<soap::cloud::GetInstanceCredentials::Reply> get_instance_credentials(
    Context& context, soap::Caller caller, soap::cloud::GetInstanceCredentials::Request request) {
  auto& s = context.services;
  const InstanceId instance(request.instanceId);
  const auto find = [caller, instance, placement_no = request.placementNo](Tx& tx) {
    return grant_profile(tx, caller, instance, placement_no);
  };
  CO_TRY(const auto granted, co_await s.db.read(find));
  soap::cloud::GetInstanceCredentials::Reply reply;
  if (!granted.profile) co_return reply;
  reply.profileArn = granted.profile->arn;
  reply.profileId = granted.profile->id.value;
  if (!granted.refusal.empty()) reply.refusal = granted.refusal;
  if (!granted.role) co_return reply;
  reply.roleName = granted.role->name;
  reply.roleId = granted.role->id.value;
  if (request.knownRoleId == granted.role->id.value) co_return reply;

  auto session = actions::new_session(s, sessions::Session::Kind::role, kLifeSeconds);
  session.account = granted.role->account.value;
  session.issuer = granted.role->id.value;
  session.name = instance.value;
  auto wrap_it = [secret = session.secret, certificate = granted.encryption_certificate] {
    return wrap_secret(secret, certificate);
  };
  CO_TRY(reply.wrappedSecret, co_await s.runtime.run_blocking(std::move(wrap_it)));
  CO_TRY(reply.sessionToken, sessions::seal(session, sessions::token_key_of(s.keys.secret),
                                            s.runtime.random_bytes(crypto::kGcmNonceBytes)));
  reply.accessKeyId = session.access_key;
  reply.issuedMs = milliseconds(session.issued_at);
  reply.expiresMs = milliseconds(session.expires_at);
  log::info("instance.credentials_given", {{"request_id", caller.request_id},
                                           {"node", caller.name},
                                           {"instance", instance},
                                           {"role", arn_of(*granted.role)},
                                           {"access_key", session.access_key}});
  co_return reply;
}

}  // namespace angophora::clc::operations
