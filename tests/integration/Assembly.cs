using Broker.Tests.Integration;
using Broker.Tests.Support;

[assembly: AssemblyFixture(typeof(SharedBroker))]
[assembly: AssemblyFixture(typeof(SharedFleet))]
