using System.Reflection;
using System.Runtime.Loader;
using Broker.Contracts;

namespace Broker.Hosting.Handlers;

/// <summary>
/// Loads a handler DLL with the dependencies that lie beside it. What this program brings itself (the contracts above all) is shared,
/// so that the DLL's handlers implement the interface we know.
/// </summary>
internal sealed class HandlerAssembly : AssemblyLoadContext
{
    private readonly AssemblyDependencyResolver _resolver;

    private HandlerAssembly(string path)
        : base(Path.GetFileNameWithoutExtension(path)) => _resolver = new AssemblyDependencyResolver(path);

    /// <exception cref="InvalidConfigurationException">The file is missing or is no .NET assembly for this runtime.</exception>
    public static Assembly Load(string file)
    {
        var path = Path.GetFullPath(file);
        if (!File.Exists(path))
            throw new InvalidConfigurationException($"--handlers {file}: there is no such file");
        try
        {
            return new HandlerAssembly(path).LoadFromAssemblyPath(path);
        }
        catch (Exception e) when (e is BadImageFormatException or FileLoadException or InvalidOperationException)
        {
            throw new InvalidConfigurationException($"--handlers {file}: this is not a .NET assembly that can be loaded ({e.Message})", e);
        }
    }

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (Default.Assemblies.Any(known => known.GetName().Name == assemblyName.Name) || IsOurs(assemblyName))
            return null;
        return _resolver.ResolveAssemblyToPath(assemblyName) is { } path ? LoadFromAssemblyPath(path) : null;
    }

    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        _resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : nint.Zero;

    private static bool IsOurs(AssemblyName name) => name.Name?.StartsWith("Broker.Contracts", StringComparison.Ordinal) == true
        || name.Name?.StartsWith("Broker.Infra", StringComparison.Ordinal) == true;
}
