using Broker.Contracts;

namespace Broker.Hosting.Execution;

#pragma warning disable CA1032, CA1064, RCS1194 // Raised and caught within this folder; the other constructors would never be called.

/// <summary>The item is not what the kind takes.</summary>
internal sealed class ItemDoesNotFitException(string message, Exception inner) : BrokerException(message, inner);

/// <summary>The handler's result cannot travel.</summary>
internal sealed class BadResultException(string message, Exception inner) : BrokerException(message, inner);

/// <summary>The item ran for longer than it may.</summary>
internal sealed class ItemTimedOutException(string message) : BrokerException(message);
