// DescribeInstanceAttribute: one attribute of an instance.
#include "clc/actions/instance_attribute.h"
#include "clc/actions/volume_xml.h"
#include "clc/store/volumes.h"
#include "common/base/encoding.h"

namespace angophora::clc::actions::describe_instance_attribute {
namespace {

using A = InstanceAttribute;

struct Request {
  InstanceId id;
  InstanceAttribute attribute = InstanceAttribute::type;
};

constexpr Param<Request> kParams[] = {
    required<&Request::id>("InstanceId"),
    required<&Request::attribute>("Attribute"),
};

// One that has no value is an empty element, as on EC2.
template <class T>
void add_value(Element& element, const T& value) {
  element.add("value", value);
}
void add_if_any(Element& element, const std::string& value) {
  if (!value.empty()) element.add("value", value);
}

void add_groups(Element& element, const Instance& instance) {
  for (const auto& group : instance.groups)
    element.child("item").add("groupId", group.id).add("groupName", group.name);
}

void add_block_devices(Element& element, const Instance& instance) {
  for (const auto& attachment : instance.volumes)
    add_block_device(element.child("item"), attachment);
}

void fill(Element& element, A attribute, const Instance& instance) {
  switch (attribute) {
    case A::type:
      return add_value(element, instance.type);
    case A::kernel:
      return add_if_any(element, instance.kernel.value);
    case A::ramdisk:
      return add_if_any(element, instance.ramdisk.value);
    case A::user_data:
      return add_if_any(element, common::base64_encode(instance.user_data));
    case A::termination_protection:
      return add_value(element, instance.termination_protected);
    case A::shutdown_behavior:
      return add_value(element, "terminate");
    case A::root_device:
      return add_value(element, "/dev/sda1");
    case A::block_devices:
      return add_block_devices(element, instance);
    case A::source_dest_check:
      return add_value(element, true);
    case A::groups:
      return add_groups(element, instance);
    case A::ebs_optimized:
    case A::ena:
    case A::stop_protection:
      return add_value(element, false);
    case A::enclave:
      element.add("enabled", false);
      return;
    case A::product_codes:
    case A::sriov:
      return;
  }
}

Result<Instance> find(Tx& tx, const Caller& caller, const Request& request) {
  TRY(auto instance, named_instance(tx, caller, request.id));
  if (request.attribute != A::block_devices) return instance;
  TRY(const auto attachments, Attachments(tx).list(instance.account));
  for (const auto& attachment : attachments)
    if (attachment.instance == instance.id) instance.volumes.push_back(attachment);
  return instance;
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto read = [caller, request](Tx& tx) { return find(tx, caller, request); };
  CO_TRY(const auto instance, co_await s.db.read(read));
  Reply reply;
  reply.add("instanceId", instance.id);
  fill(reply.child(std::string(name_of(request.attribute))), request.attribute, instance);
  co_return reply;
}

}  // namespace

extern const Action DescribeInstanceAttribute{
    .name = "DescribeInstanceAttribute",
    .permission = "ec2:DescribeInstanceAttribute",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::describe_instance_attribute
