#include "clc/soap/element_names.h"

#include <algorithm>
#include <cctype>

namespace angophora::clc {
namespace {

using Form = MessageElement::Form;

// Elements that are not called as the rule says; the first row that fits counts.
struct Irregular {
  const char* action;     // "" for all
  const char* parameter;  // a list, or a wrapped value
  const char* element;
  const char* leaf;  // the element inside an item, "" where there is none
};
constexpr Irregular kIrregular[] = {
    {"RunInstances", "SecurityGroupId", "groupSet", "groupId"},
    {"RunInstances", "SecurityGroup", "groupSet", "groupName"},
    {"RunInstances", "UserData", "userData", "data"},
    {"RunInstances", "NetworkInterface", "networkInterfaceSet", ""},
    {"RegisterImage", "BillingProduct", "billingProductSet", ""},
    {"ModifyImageAttribute", "ProductCode", "productCodes", ""},
    {"ModifyInstanceAttribute", "GroupId", "groupSet", "groupId"},
    {"DescribeAccountAttributes", "AttributeName", "accountAttributeNameSet", "attributeName"},
    {"", "Filter", "filterSet", ""},
    {"", "Tag", "tagSet", ""},
    {"", "TagSpecification", "tagSpecificationSet", ""},
    {"", "AllocationId", "allocationIdsSet", "allocationId"},
    {"", "ExecutableBy", "executableBySet", "user"},
    {"", "GroupId", "securityGroupIdSet", "groupId"},
    {"", "GroupName", "securityGroupSet", "groupName"},
    {"", "ImageId", "imagesSet", "imageId"},
    {"", "InstanceId", "instancesSet", "instanceId"},
    {"", "KeyName", "keySet", "keyName"},
    {"", "Owner", "ownersSet", "owner"},
    {"", "PublicIp", "publicIpsSet", "publicIp"},
    {"", "RegionName", "regionSet", "regionName"},
    {"", "ResourceId", "resourcesSet", "resourceId"},
    {"", "RestorableBy", "restorableBySet", "user"},
    {"", "SnapshotId", "snapshotSet", "snapshotId"},
    {"", "VolumeId", "volumeSet", "volumeId"},
    {"", "ZoneName", "availabilityZoneSet", "zoneName"},
};

// Elements of EC2 that clients send empty and that no parameter stands for.
struct LeftEmpty {
  const char* action;
  const char* element;
};
constexpr LeftEmpty kLeftEmpty[] = {
    {"AuthorizeSecurityGroupIngress", "userId"},
    {"RevokeSecurityGroupIngress", "userId"},
};

const Irregular* find_irregular(std::string_view action, std::string_view parameter) {
  for (const auto& row : kIrregular)
    if ((action == row.action || !*row.action) && parameter == row.parameter) return &row;
  return nullptr;
}

bool is_wrapped(const Irregular* row, const ParamShape& shape) {
  return row && *row->leaf && row->element == lower_first(shape.name);
}

MessageElement element_of(std::string_view action, const ParamShape& shape) {
  MessageElement element;
  element.element = lower_first(shape.name);
  element.parameter = shape.name;
  element.kind = shape.kind;
  element.is_required = shape.need == Need::required;
  const auto* irregular = find_irregular(action, shape.name);
  if (shape.need == Need::refused) {
    element.form = Form::refused;
    if (irregular) element.element = irregular->element;
  } else if (shape.kind == ParamKind::structure) {
    element.form = shape.is_list ? Form::structures : Form::structure;
    if (shape.is_list && irregular) element.element = irregular->element;
    for (const auto& member : shape.members) element.members.push_back(element_of(action, member));
  } else if (shape.is_list) {
    element.form = Form::texts;
    element.leaf = irregular ? irregular->leaf : element.element;
    element.element = irregular ? irregular->element : element.element + "Set";
  } else if (is_wrapped(irregular, shape)) {
    element.form = Form::wrapped;
    element.leaf = irregular->leaf;
  }
  return element;
}

// Joins lists that travel in one element, as the ids and the names of groups do.
void add(std::vector<MessageElement>& elements, MessageElement element) {
  const auto same = std::find_if(elements.begin(), elements.end(), [&](const auto& other) {
    return other.form == Form::texts && other.element == element.element;
  });
  if (element.form == Form::texts && same != elements.end())
    same->members.push_back(std::move(element));
  else
    elements.push_back(std::move(element));
}

}  // namespace

std::string lower_first(std::string_view name) {
  std::string lower(name);
  if (!lower.empty()) lower[0] = static_cast<char>(std::tolower(lower[0]));
  return lower;
}

std::vector<MessageElement> message_elements(std::string_view action,
                                             const std::vector<ParamShape>& parameters) {
  const bool names_attribute = action.starts_with("Describe") && action.ends_with("Attribute");
  std::vector<MessageElement> elements;
  for (const auto& shape : parameters) {
    if (!names_attribute || shape.name != "Attribute" || shape.values.empty()) {
      add(elements, element_of(action, shape));
      continue;
    }
    for (const auto& value : shape.values)
      elements.push_back({value, value, Form::attribute, {}, ParamKind::text});
  }
  for (const auto& row : kLeftEmpty)
    if (action == row.action) elements.push_back({row.element, {}, Form::empty});
  elements.push_back({"dryRun", "DryRun", Form::value, {}, ParamKind::boolean});
  return elements;
}

}  // namespace angophora::clc
