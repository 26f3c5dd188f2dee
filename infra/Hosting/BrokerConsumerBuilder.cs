using System.Reflection;
using Broker.Contracts;
using Broker.Hosting.Handlers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Broker.Hosting;

/// <summary>Takes the handlers of a consumer.</summary>
public sealed class BrokerConsumerBuilder
{
    internal BrokerConsumerBuilder(IServiceCollection services) => Services = services;

    /// <summary>What handlers may ask for in their constructors.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Adds a handler. It is made once per job, from the job's own scope, unless the services register it otherwise.</summary>
    /// <typeparam name="THandler">A class that implements <see cref="IJobHandler{TArgs, TResult}"/>, for one kind or several.</typeparam>
    /// <exception cref="ArgumentException">It implements none.</exception>
    public BrokerConsumerBuilder AddHandler<THandler>()
        where THandler : class
    {
        if (!HandlerCatalog.ContractsOf(typeof(THandler)).Any())
            throw new ArgumentException($"{typeof(THandler)} is no handler: implement IJobHandler<TArgs, TResult>", nameof(THandler));
        return Add(typeof(THandler));
    }

    /// <summary>Adds every handler that an assembly has.</summary>
    /// <exception cref="InvalidConfigurationException">The assembly's types do not load.</exception>
    public BrokerConsumerBuilder AddHandlersFrom(Assembly assembly)
    {
        foreach (var handler in HandlerCatalog.HandlersIn(assembly))
            Add(handler);
        return this;
    }

    private BrokerConsumerBuilder Add(Type handler)
    {
        Services.TryAddScoped(handler);
        Services.AddSingleton(new HandlerRegistration(handler));
        return this;
    }
}
