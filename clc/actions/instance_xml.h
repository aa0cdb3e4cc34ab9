// Instances as EC2 shows them.
#pragma once

#include <vector>

#include "clc/actions/element.h"
#include "clc/domain/instance.h"
#include "clc/domain/zones.h"

namespace angophora::clc {

// One <item> of an instancesSet. `zones` may be null: then the hypervisor is not known.
void add_instance(Element& item, const Instance& instance, const Zones* zones);
// <instanceState> and the like: code and name.
void add_state(Element& parent, std::string name, InstanceState state);
// What stands around the instances of one reservation; they must not be none.
void add_reservation(Element& item, const std::vector<Instance>& instances, const Zones* zones);

}  // namespace angophora::clc
