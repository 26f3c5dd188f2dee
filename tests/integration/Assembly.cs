using Broker.Tests.Integration;

[assembly: AssemblyFixture(typeof(SharedFleet))]
