namespace Broker.Hosting.Handlers;

/// <summary>A handler that a container of services has.</summary>
internal sealed record HandlerRegistration(Type Handler);
