using System.Reflection;
using System.Runtime.Loader;
using Broker.Contracts;

namespace Broker.Consumer.Handlers;

/// <summary>Loads a handler DLL with dependencies of its own, as <see cref="DependencyPlaces"/> says which are, and checks at the start that none is missing.</summary>
internal sealed class HandlerAssembly : AssemblyLoadContext
{
    private readonly string _folder;
    private readonly AssemblyDependencyResolver? _resolver;
    private readonly DependencyPlaces _places;

    private HandlerAssembly(string path)
        : base(Path.GetFileNameWithoutExtension(path))
    {
        _folder = Path.GetDirectoryName(path)!;
        _places = new DependencyPlaces(Beside, HostAssemblies.OfThisProcess);
        try
        {
            _resolver = new AssemblyDependencyResolver(path);
        }
        catch (InvalidOperationException)
        {
            // A file that the DLL's .deps.json lists is missing. Where something refers to it, the walk says so; else it is not needed.
            _resolver = null;
        }
    }

    /// <param name="file">The DLL; its dependencies lie beside it, with or without a <c>.deps.json</c>.</param>
    /// <exception cref="InvalidConfigurationException">
    /// The file is missing or is no .NET assembly for this runtime, something it needs is missing, or the JSON of its jobs would not be what it says.
    /// </exception>
    public static LoadedHandlers Load(string file)
    {
        var path = Path.GetFullPath(file);
        if (!File.Exists(path))
            throw new InvalidConfigurationException($"--handlers {file}: there is no such file");
        try
        {
            var context = new HandlerAssembly(path);
            var walk = new ReferenceWalk(path, context._places);
            if (walk.Unresolved.Count > 0)
                throw new InvalidConfigurationException(Said(walk.Unresolved));
            var assembly = context.LoadFromAssemblyPath(path);
            SharedUses.Check(context, path, walk, context._places);
            var modules = HandlerModules.Of(assembly);
            if (walk.Own.ContainsKey(ForeignJson.Name))
                ForeignJson.Refuse(assembly);
            return new LoadedHandlers(assembly, context._folder, modules);
        }
        catch (InvalidConfigurationException e)
        {
            throw new InvalidConfigurationException($"--handlers {file}: {e.Message}", e);
        }
        catch (Exception e) when (e is BadImageFormatException or FileLoadException or InvalidOperationException)
        {
            throw new InvalidConfigurationException($"--handlers {file}: this is not a .NET assembly that can be loaded ({e.Message})", e);
        }
    }

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (_places.FileOf(assemblyName) is { } path)
            return LoadFromAssemblyPath(path);
        // By name alone: the default context would refuse a reference to a newer version than ours. Null: it serves, with what is ours.
        return DependencyPlaces.IsShared(assemblyName.Name!) ? Default.LoadFromAssemblyName(new AssemblyName(assemblyName.Name!)) : null;
    }

    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        _resolver?.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : nint.Zero;

    private static string Said(IReadOnlyList<UnresolvedReference> unresolved)
    {
        var others = unresolved.Select(one => one.Wanted.Name!).Distinct(StringComparer.OrdinalIgnoreCase).Where(name => name != unresolved[0].Wanted.Name).ToList();
        return others.Count == 0 ? $"{unresolved[0]}" : $"{unresolved[0]} (not there either: {string.Join(", ", others)})";
    }

    private string? Beside(AssemblyName name)
    {
        if (_resolver?.ResolveAssemblyToPath(name) is { } listed)
            return listed;
        var file = Path.Combine(_folder, name.CultureName ?? "", $"{name.Name}.dll");
        return File.Exists(file) ? file : null;
    }
}
