// The attributes of an instance that EC2 lets one ask for and change, one at a time.
#pragma once

#include "clc/actions/action.h"
#include "clc/domain/instance.h"

namespace angophora::clc {

enum class InstanceAttribute {
  type,
  kernel,
  ramdisk,
  user_data,
  termination_protection,
  shutdown_behavior,
  root_device,
  block_devices,
  product_codes,
  source_dest_check,
  groups,
  ebs_optimized,
  sriov,
  ena,
  enclave,
  stop_protection,
};
constexpr auto wire_names(InstanceAttribute) {
  using A = InstanceAttribute;
  return std::to_array<std::pair<const char*, A>>({
      {"instanceType", A::type},
      {"kernel", A::kernel},
      {"ramdisk", A::ramdisk},
      {"userData", A::user_data},
      {"disableApiTermination", A::termination_protection},
      {"instanceInitiatedShutdownBehavior", A::shutdown_behavior},
      {"rootDeviceName", A::root_device},
      {"blockDeviceMapping", A::block_devices},
      {"productCodes", A::product_codes},
      {"sourceDestCheck", A::source_dest_check},
      {"groupSet", A::groups},
      {"ebsOptimized", A::ebs_optimized},
      {"sriovNetSupport", A::sriov},
      {"enaSupport", A::ena},
      {"enclaveOptions", A::enclave},
      {"disableApiStop", A::stop_protection},
  });
}

// Its name on the wire.
std::string_view name_of(InstanceAttribute attribute);

// The caller's instance, which must be there. InstanceErrc::not_found or malformed_id.
Result<Instance> named_instance(Tx& tx, const Caller& caller, const InstanceId& id);

// InstanceErrc::incorrect_state for what can be changed on a stopped instance only: none here ever
// is.
Error must_be_stopped(const Instance& instance);

// The groups named, of the account, each once; at least one must be given.
Result<std::vector<GroupName>> chosen_groups(Tx& tx, const AccountId& account,
                                             const std::vector<GroupId>& ids);

}  // namespace angophora::clc
