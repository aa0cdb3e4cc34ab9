// The only place that knows EC2's names for what can go wrong. A second name is the one that IAM,
// STS and the administrators' APIs use, where it differs.
#include "clc/http/wire_errors.h"

#include "clc/domain/address_errors.h"
#include "clc/domain/authorization_message.h"
#include "clc/domain/errors.h"
#include "clc/domain/instance_errors.h"
#include "clc/domain/passwords.h"
#include "clc/domain/snapshot_errors.h"
#include "clc/domain/tag.h"
#include "clc/domain/volume_errors.h"
#include "clc/http/throttle.h"
#include "common/policy/document.h"
#include "common/sigv/request.h"

namespace angophora::clc {
namespace {

struct WireError {
  std::error_code code;
  const char* name;
  int status;
  const char* query_name = nullptr;  // of the other query services
  int query_status = 0;
};

constexpr char kBadCredentials[] = "AWS was not able to validate the provided access credentials";

const WireError* find(const std::error_code& code) {
  using sigv::SigErrc;
  static const WireError kWireErrors[] = {
      {RequestErrc::missing_parameter, "MissingParameter", 400, "ValidationError", 400},
      {RequestErrc::unknown_parameter, "UnknownParameter", 400, "ValidationError", 400},
      {RequestErrc::invalid_value, "InvalidParameterValue", 400, "ValidationError", 400},
      {RequestErrc::invalid_combination, "InvalidParameterCombination", 400},
      {RequestErrc::unsupported_parameter, "UnsupportedOperation", 400},
      {RequestErrc::unsupported_operation, "UnsupportedOperation", 400},
      {RequestErrc::bad_filter, "InvalidParameterValue", 400},
      {RequestErrc::bad_next_token, "InvalidPaginationToken", 400, "ValidationError", 400},
      {RequestErrc::body_timed_out, "RequestTimeout", 408},
      {RequestErrc::dry_run_succeeded, "DryRunOperation", 412},
      {RequestErrc::client_token_mismatch, "IdempotentParameterMismatch", 400},
      {RequestErrc::not_permitted, "UnauthorizedOperation", 403, "AccessDenied", 403},
      {ThrottleErrc::too_fast, "RequestLimitExceeded", 503, "Throttling", 400},
      {PasswordErrc::violates_policy, "PasswordPolicyViolation", 400},
      {PasswordErrc::wrong, "AccessDenied", 403},
      {PasswordErrc::expired, "AccessDenied", 403},
      {MessageErrc::not_ours, "InvalidAuthorizationMessageException", 400},
      {RequestErrc::unknown_action, "InvalidAction", 400},
      {RequestErrc::missing_action, "MissingAction", 400},
      {RequestErrc::unknown_path, "NotFound", 404},
      {RequestErrc::too_large, "RequestEntityTooLarge", 413},

      {KeyPairErrc::not_found, "InvalidKeyPair.NotFound", 400},
      {KeyPairErrc::id_not_found, "InvalidKeyPair.NotFound", 400},
      {KeyPairErrc::duplicate, "InvalidKeyPair.Duplicate", 400},
      {KeyPairErrc::bad_format, "InvalidKey.Format", 400},
      {KeyPairErrc::too_many, "KeyPairLimitExceeded", 400},

      {GroupErrc::not_found, "InvalidGroup.NotFound", 400},
      {GroupErrc::malformed_id, "InvalidGroupId.Malformed", 400},
      {GroupErrc::duplicate, "InvalidGroup.Duplicate", 400},
      {GroupErrc::reserved_name, "InvalidGroup.Reserved", 400},
      {GroupErrc::cannot_delete_default, "CannotDelete", 400},
      {GroupErrc::in_use, "DependencyViolation", 400},
      {GroupErrc::bad_rule, "InvalidPermission.Malformed", 400},
      {GroupErrc::duplicate_rule, "InvalidPermission.Duplicate", 400},
      {GroupErrc::rule_not_found, "InvalidPermission.NotFound", 400},
      {GroupErrc::rule_id_not_found, "InvalidSecurityGroupRuleId.NotFound", 400},
      {GroupErrc::too_many_groups, "SecurityGroupLimitExceeded", 400},
      {GroupErrc::too_many_rules, "RulesPerSecurityGroupLimitExceeded", 400},
      {GroupErrc::vpc_not_found, "InvalidVpcID.NotFound", 400},

      {ZoneErrc::not_found, "InvalidZone.NotFound", 400},
      {ZoneErrc::region_not_found, "InvalidParameterValue", 400},

      {ServiceErrc::not_found, "NoSuchEntity", 404},
      {ServiceErrc::exists, "EntityAlreadyExists", 409},
      {ServiceErrc::bad_type, "InvalidParameterValue", 400},
      {ServiceErrc::in_use, "DeleteConflict", 409},
      {ServiceErrc::bad_state, "InvalidParameterValue", 400},

      {policy::PolicyErrc::malformed, "MalformedPolicyDocument", 400},
      {policy::PolicyErrc::too_large, "LimitExceeded", 409},

      {IdentityErrc::not_found, "NoSuchEntity", 404},
      {IdentityErrc::exists, "EntityAlreadyExists", 409},
      {IdentityErrc::conflict, "DeleteConflict", 409},
      {IdentityErrc::limit_exceeded, "LimitExceeded", 409},
      {IdentityErrc::invalid_input, "InvalidInput", 400},
      {IdentityErrc::bad_certificate, "MalformedCertificate", 400},
      {IdentityErrc::certificate_used, "DuplicateCertificate", 409},
      {IdentityErrc::key_unknown, "AuthFailure", 401, "InvalidClientTokenId", 403},
      {IdentityErrc::key_inactive, "AuthFailure", 401, "InvalidClientTokenId", 403},
      {IdentityErrc::token_invalid, "AuthFailure", 401, "InvalidClientTokenId", 403},
      {IdentityErrc::token_expired, "RequestExpired", 400, "ExpiredToken", 403},

      {SigErrc::missing, "MissingAuthenticationToken", 403},
      {SigErrc::malformed, "IncompleteSignature", 400},
      {SigErrc::unsupported, "IncompleteSignature", 400},
      {SigErrc::mismatch, "AuthFailure", 401, "SignatureDoesNotMatch", 403},
      {SigErrc::skewed, "RequestExpired", 400, "SignatureDoesNotMatch", 403},
      {SigErrc::expired, "RequestExpired", 400},
      {SigErrc::body_mismatch, "AuthFailure", 401, "SignatureDoesNotMatch", 403},

      {UserMessageErrc::malformed, "InvalidSOAPRequest", 400},
      {UserMessageErrc::bad_signature, "MalformedSOAPSignature", 400},
      {UserMessageErrc::unknown_signer, "AuthFailure", 401},
      {UserMessageErrc::expired, "InvalidSecurity", 400},
      {UserMessageErrc::replayed, "InvalidSecurity", 400},
      {UserMessageErrc::too_many, "RequestLimitExceeded", 503},

      {InstanceErrc::not_found, "InvalidInstanceID.NotFound", 400},
      {InstanceErrc::malformed_id, "InvalidInstanceID.Malformed", 400},
      {InstanceErrc::incorrect_state, "IncorrectInstanceState", 400},
      {InstanceErrc::insufficient_capacity, "InsufficientInstanceCapacity", 503},
      {InstanceErrc::no_free_address, "InsufficientFreeAddressesInSubnet", 400},
      {InstanceErrc::limit_exceeded, "InstanceLimitExceeded", 400},
      {InstanceErrc::vcpu_limit_exceeded, "VcpuLimitExceeded", 400},
      {InstanceErrc::resource_limit_exceeded, "ResourceLimitExceeded", 400},
      {InstanceErrc::termination_protected, "OperationNotPermitted", 400},
      {InstanceErrc::user_data_too_large, "InvalidParameterValue", 400},
      {InstanceErrc::no_such_type, "InvalidInstanceType", 400},
      {InstanceErrc::association_exists, "IncorrectState", 400},
      {InstanceErrc::subnet_not_found, "InvalidSubnetID.NotFound", 400},

      {ImageErrc::not_found, "InvalidAMIID.NotFound", 400},
      {ImageErrc::malformed_id, "InvalidAMIID.Malformed", 400},
      {ImageErrc::unavailable, "InvalidAMIID.Unavailable", 400},
      {ImageErrc::invalid_manifest, "InvalidManifest", 400},
      {ImageErrc::not_readable, "AuthFailure", 403},
      {ImageErrc::duplicate_name, "InvalidAMIName.Duplicate", 400},
      {ImageErrc::malformed_name, "InvalidAMIName.Malformed", 400},
      {ImageErrc::bad_attribute_value, "InvalidAMIAttributeItemValue", 400},
      {ImageErrc::bad_user_id, "InvalidUserID.Malformed", 400},
      {ImageErrc::too_many_failures, "RequestLimitExceeded", 503},
      {ImageErrc::not_permitted, "AuthFailure", 403},

      {SnapshotErrc::not_found, "InvalidSnapshot.NotFound", 400},
      {SnapshotErrc::malformed_id, "InvalidSnapshotID.Malformed", 400},
      {SnapshotErrc::incorrect_state, "IncorrectState", 400},
      {SnapshotErrc::not_permitted, "AuthFailure", 403},
      {SnapshotErrc::limit_exceeded, "SnapshotLimitExceeded", 400},
      {SnapshotErrc::bad_user_id, "InvalidUserID.Malformed", 400},

      {TagErrc::bad_resource, "InvalidID", 400},
      {TagErrc::too_many, "TagLimitExceeded", 400},

      {AddressErrc::not_found, "InvalidAddress.NotFound", 400},
      {AddressErrc::malformed, "InvalidAddress.Malformed", 400},
      {AddressErrc::allocation_not_found, "InvalidAllocationID.NotFound", 400},
      {AddressErrc::association_not_found, "InvalidAssociationID.NotFound", 400},
      {AddressErrc::interface_not_found, "InvalidNetworkInterfaceID.NotFound", 400},
      {AddressErrc::foreign, "AuthFailure", 400},
      {AddressErrc::in_use, "InvalidIPAddress.InUse", 400},
      {AddressErrc::already_associated, "Resource.AlreadyAssociated", 400},
      {AddressErrc::limit_exceeded, "AddressLimitExceeded", 400},
      {AddressErrc::insufficient_capacity, "InsufficientAddressCapacity", 503},

      {VolumeErrc::not_found, "InvalidVolume.NotFound", 400},
      {VolumeErrc::malformed_id, "InvalidVolumeID.Malformed", 400},
      {VolumeErrc::in_use, "VolumeInUse", 400},
      {VolumeErrc::incorrect_state, "IncorrectState", 400},
      {VolumeErrc::zone_mismatch, "InvalidVolume.ZoneMismatch", 400},
      {VolumeErrc::limit_exceeded, "VolumeLimitExceeded", 400},
      {VolumeErrc::insufficient_capacity, "InsufficientVolumeCapacity", 503},
      {VolumeErrc::attachment_not_found, "InvalidAttachment.NotFound", 400},
      {VolumeErrc::device_in_use, "InvalidDevice.InUse", 400},
      {VolumeErrc::too_many_attachments, "AttachmentLimitExceeded", 400},
  };
  for (const auto& error : kWireErrors)
    if (error.code == code) return &error;
  return nullptr;
}

// Transient trouble of our own that a client may try again.
bool is_overload(const std::error_code& code) {
  return code == common::Errc::unavailable || code == common::Errc::timed_out ||
         code == common::Errc::limit_exceeded || code == common::Errc::cancelled ||
         code == db::DbErrc::busy;
}

}  // namespace

WireFault wire_fault(Api api, const common::Error& error, bool* is_internal) {
  if (is_internal) *is_internal = false;
  if (const auto* known = find(error.code)) {
    const bool other = api != Api::ec2 && known->query_name;
    WireFault fault{other ? known->query_name : known->name, error.message,
                    other ? known->query_status : known->status};
    if (fault.code == "AuthFailure" && fault.status == 401) fault.message = kBadCredentials;
    return fault;
  }
  if (is_internal) *is_internal = true;
  if (is_overload(error.code))
    return {api == Api::ec2 ? "Unavailable" : "ServiceUnavailable",
            "The service is overloaded or a part of it cannot be reached. Please try again.", 503};
  return {api == Api::ec2 ? "InternalError" : "InternalFailure", "An internal error has occurred",
          500};
}

}  // namespace angophora::clc
