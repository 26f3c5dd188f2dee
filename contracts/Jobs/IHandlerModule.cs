using Microsoft.Extensions.DependencyInjection;

namespace Broker.Contracts;

/// <summary>
/// Registers what the handlers of its assembly need. The consumer finds a class that implements it, public or not, makes it by its constructor
/// without parameters, and calls it once at the start. What it registers is for the handlers of its own assembly alone.
/// </summary>
public interface IHandlerModule
{
    /// <summary>
    /// Adds services. They, and the handlers, may ask for <c>ILogger&lt;T&gt;</c>, <c>ILoggerFactory</c> and <c>IConfiguration</c>.
    /// An exception ends the consumer with a usage error.
    /// </summary>
    void Register(IServiceCollection services);
}
