// The names of parameters in SOAP. Most follow from the parameter's own name:
//
//   KeyName                   keyName
//   Placement.Tenancy         placement/tenancy
//   VolumeId.1                volumeIdSet/item/volumeId      a list of texts
//   IpPermissions.1.ToPort    ipPermissions/item/toPort      a list of structures
//
// Where EC2 calls an element something else, the table in element_names.cc says so.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "clc/actions/param_shape.h"

namespace angophora::clc {

// An element of a message and the parameter it stands for.
struct MessageElement {
  // How the element holds its parameter.
  enum class Form {
    value,       // <keyName>k</keyName>
    wrapped,     // <userData><data>...</data></userData>
    structure,   // members inside
    texts,       // <instancesSet><item><instanceId>i-1</instanceId></item></instancesSet>
    structures,  // <filterSet><item> members </item></filterSet>
    refused,     // anything; the action says why it is refused
    empty,       // known to EC2, and nothing may be in it: userId of AuthorizeSecurityGroupIngress
    attribute,   // <launchPermission/> for Attribute=launchPermission
  };
  std::string element;
  std::string parameter;  // without number: InstanceId; of `attribute` the value
  Form form = Form::value;
  std::string leaf = {};  // of `wrapped` and `texts`: the element inside
  ParamKind kind = ParamKind::text;
  bool is_required = false;
  std::vector<MessageElement> members = {};  // of a structure; of `texts`: the other leaves
};

// The elements of the action's message, dryRun among them.
std::vector<MessageElement> message_elements(std::string_view action,
                                             const std::vector<ParamShape>& parameters);

// "KeyName" as "keyName".
std::string lower_first(std::string_view name);

}  // namespace angophora::clc
