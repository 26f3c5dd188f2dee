using System.Reflection;
using Broker.Contracts;

namespace Broker.Consumer.Handlers;

/// <summary>A handler DLL that is loaded and whose dependencies are all there.</summary>
/// <param name="Assembly">Where its handlers are.</param>
/// <param name="Folder">The folder it lies in, as a full path; files it brings are there.</param>
/// <param name="Modules">What registers its services; mostly one or none.</param>
internal sealed record LoadedHandlers(Assembly Assembly, string Folder, IReadOnlyList<IHandlerModule> Modules);
