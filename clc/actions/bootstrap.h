// What the actions of the bootstrap service (Version=eucalyptus) share: how services look.
#pragma once

#include "clc/actions/action.h"
#include "clc/domain/service.h"

namespace angophora::clc::actions {

// Eucalyptus' names for types are taken as well. ServiceErrc::bad_type.
Result<ServiceType> service_type_of(const std::string& text);

// <item> of registeredServices and the like: type, name, partition, fullName, uris.
void add_service_id(Element& into, const Service& service);

// The cloud controller itself, which is not registered but part of every list.
Service this_cloud(const Services& s);
// Its name in the registry and in lists.
ServiceName cloud_name();

}  // namespace angophora::clc::actions
