using System.Reflection;
using System.Text.Json;
using Broker.Contracts;
using Broker.Hosting.Handlers;
using Broker.Primitives;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Broker.Consumer.Handlers;

/// <summary>The built-in handlers and those of the DLLs, each assembly with a container of services of its own.</summary>
internal sealed class HandlerSets : IAsyncDisposable
{
    private readonly List<ServiceProvider> _containers = [];

    public HandlerCatalog Catalog { get; } = new();

    /// <param name="files">DLLs with handlers.</param>
    /// <param name="primitives">What handlers share with other processes.</param>
    /// <param name="logs">For handlers and their services.</param>
    /// <exception cref="InvalidConfigurationException">A DLL cannot be loaded, has no handler, or one that cannot be made.</exception>
    public static async Task<HandlerSets> LoadAsync(IEnumerable<string> files, BrokerPrimitives primitives, ILoggerFactory logs)
    {
        var sets = new HandlerSets();
        try
        {
            await sets.AddAsync(typeof(HandlerSets).Assembly, AppContext.BaseDirectory, [], primitives, logs);
            foreach (var file in files)
            {
                var (assembly, folder, modules) = HandlerAssembly.Load(file);
                if (await sets.AddAsync(assembly, folder, modules, primitives, logs) == 0)
                    throw new InvalidConfigurationException($"--handlers {file}: there is no handler in it, that is no class that implements IJobHandler<,>");
            }

            return sets;
        }
        catch
        {
            await sets.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var container in _containers)
            await container.DisposeAsync();
    }

    private async Task<int> AddAsync(Assembly assembly, string folder, IReadOnlyList<IHandlerModule> modules, BrokerPrimitives primitives, ILoggerFactory logs)
    {
        var handlers = HandlerCatalog.HandlersIn(assembly);
        var services = new ServiceCollection().AddSingleton(logs).AddSingleton(primitives).AddLogging().AddSingleton<IConfiguration>(ConfigurationOf(folder));
        foreach (var handler in handlers)
            services.AddScoped(handler);
        foreach (var module in modules)
            Register(module, services);
        var container = services.BuildServiceProvider();
        _containers.Add(container);
        var json = container.GetService<JsonSerializerOptions>() ?? PayloadJson.Options;
        foreach (var handler in handlers)
            await Catalog.AddAsync(handler, container.GetRequiredService<IServiceScopeFactory>(), json);
        return handlers.Count;
    }

    /// <summary>This program's settings, then those beside the DLL, then the environment.</summary>
    private static IConfigurationRoot ConfigurationOf(string folder) => new ConfigurationBuilder()
        .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
        .AddJsonFile(Path.Combine(folder, "appsettings.json"), optional: true)
        .AddEnvironmentVariables()
        .Build();

    private static void Register(IHandlerModule module, IServiceCollection services)
    {
        try
        {
            module.Register(services);
        }
        catch (Exception e)
        {
            throw new InvalidConfigurationException($"the module {module.GetType()} cannot register its services: {e.Message}", e);
        }
    }
}
